import type { TokenRun } from "@shardmill/api/contract";
import { plural } from "../data/words.ts";
import { visiblePieces } from "./visible-text.ts";

/** Tokens as text. Whatever they say is text here: the signs come from the style sheet, so that a copy has none of them. */
export function TokenText({ runs }: { runs: readonly TokenRun[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within reach of the keyboard
    <pre class="token-text" tabIndex={0} dir="auto">
      {runs.map((run, at) => (
        <Run key={at} {...run} />
      ))}
    </pre>
  );
}

function Run({ text, loss, control, count }: TokenRun) {
  const Tag = loss ? "mark" : "span";
  const title = control ? "control token" : plural(count, "token");
  return (
    <Tag class={control ? "run control" : "run"} title={`${title}, ${loss ? "under the loss" : "no loss"}`}>
      {visiblePieces(text).map(({ kind, text: said, sign }, at) =>
        kind === "plain" ? (
          said
        ) : (
          <span key={at} class={kind === "spaces" ? "spaces" : signClass(said)} data-sign={sign}>
            {said}
          </span>
        ),
      )}
    </Tag>
  );
}

/** What shows by itself keeps its width or its break; all else is only its sign. */
function signClass(text: string): string {
  return text === "\n" || text === "\t" ? "sign" : "sign odd";
}

export function TokenLegend() {
  return (
    <p class="token-legend">
      <span>
        <mark class="run">under the loss</mark>
      </span>
      <span>
        <span class="run">no loss</span>
      </span>
      <span>
        <span class="run control">control token</span>
      </span>
      <span class="soft">
        <span class="sign" data-sign="↵" /> line break
      </span>
      <span class="soft">
        <span class="spaces">{"   "}</span> spaces
      </span>
    </p>
  );
}
