import type { TokenList } from "@shardmill/api/contract";
import { percent, plural, count as words } from "../data/words.ts";
import { TokenLegend, TokenText } from "./token-text.tsx";

const cutWords: Readonly<Record<TokenList["cut"], string | null>> = {
  yes: "cut at the recipe's maxTokens",
  perhaps: "perhaps cut at the recipe's maxTokens",
  no: null,
};

/** The tokens of a whole conversation. */
export function TokensCard({ list }: { list: TokenList }) {
  return (
    <section class="card tokens">
      <h2>Tokens</h2>
      <Tokens list={list} />
    </section>
  );
}

/** How many, and what they say. */
export function Tokens({ list }: { list: TokenList }) {
  const { text } = list;
  return (
    <>
      <TokenCounts list={list} />
      {text.kind === "unknown" ? (
        <p class="soft">No text: {text.why}.</p>
      ) : (
        <>
          <TokenLegend />
          <TokenText runs={text.runs} />
          {text.notShown === 0 ? null : (
            <p class="soft">{plural(text.notShown, "more token")} are not shown.</p>
          )}
        </>
      )}
    </>
  );
}

function TokenCounts({ list: { count, loss, cut } }: { list: TokenList }) {
  return (
    <p class="token-counts">
      <span>
        <b>{words(count)}</b> {count === 1 ? "token" : "tokens"}
      </span>
      <span>
        the loss on <b>{words(loss)}</b> <span class="soft">({percent(loss, count)})</span>
      </span>
      {cutWords[cut] === null ? null : <span class={`tag cut ${cut}`}>{cutWords[cut]}</span>}
    </p>
  );
}
