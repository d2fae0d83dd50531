import type { TokenList } from "@shardmill/api/contract";
import type { Answers } from "./messages.ts";
import { Tokens } from "./tokens.tsx";

const sides = [
  { name: "chosen", title: "Chosen", sign: "✓" },
  { name: "rejected", title: "Rejected", sign: "✗" },
] as const;

/** The two answers of a preference pair beside each other, each with its tokens. */
export function Pair(props: { answers: Answers | null; tokens: readonly TokenList[] }) {
  const { answers, tokens } = props;
  return (
    <div class="pair">
      {sides.map(({ name, title, sign }) => {
        const answer = answers?.[name] ?? null;
        const list = tokens.find((one) => one.name === name);
        return (
          <section key={name} class={`card tokens ${name}`} aria-label={title}>
            <h2>
              <span class="verdict" aria-hidden="true">
                {sign}
              </span>
              {title}
            </h2>
            {answer === null ? null : (
              <p class="answer" dir="auto">
                {answer}
              </p>
            )}
            {list === undefined ? null : <Tokens list={list} />}
          </section>
        );
      })}
    </div>
  );
}
