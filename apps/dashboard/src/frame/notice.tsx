import type { Problem } from "@shardmill/api/contract";
import type { ComponentChildren } from "preact";
import { sentence } from "./banners.tsx";

export function Notice(props: {
  title: string;
  text: string;
  /** Of a page with a heading of its own. */
  isWithin?: boolean;
  link?: { href: string; text: string };
  children?: ComponentChildren;
}) {
  return (
    <div class="notice">
      <svg class="notice-art" viewBox="0 0 88 40" width="88" height="40" aria-hidden="true">
        {Array.from({ length: 18 }, (_, n) => (
          <rect
            key={n}
            x={(n % 6) * 15}
            y={Math.floor(n / 6) * 15}
            width="11"
            height="9"
            rx="2"
            class={`art-${(n * 5) % 4}`}
          />
        ))}
      </svg>
      {props.isWithin === true ? <h2>{props.title}</h2> : <h1>{props.title}</h1>}
      <p>{props.text}</p>
      {props.link === undefined ? null : (
        <a class="button" href={props.link.href}>
          {props.link.text}
        </a>
      )}
      {props.children}
    </div>
  );
}

export function ProblemNote(props: { problem: Problem; again?: () => void; putAway?: () => void }) {
  const { problem, again, putAway } = props;
  return (
    <div class="problem" role="alert">
      <p dir="auto">
        <strong>{sentence(problem.message)}</strong> {sentence(problem.remedy)} <code>{problem.code}</code>
      </p>
      {again === undefined ? null : (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
      {putAway === undefined ? null : (
        <button type="button" onClick={putAway}>
          Put away
        </button>
      )}
    </div>
  );
}

/** Grey shapes where figures will be; shown only when there is nothing older to show. */
export function Skeleton({ lines = 4 }: { lines?: number }) {
  return (
    <div class="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, n) => (
        <span key={n} class={`line w${n % 4}`} />
      ))}
    </div>
  );
}
