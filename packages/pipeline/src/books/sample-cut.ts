import { type Dataset, type Manifest, sampleKey } from "@shardmill/core";
import type { Records } from "@shardmill/store";

const word = "truncated";

/** What the ledger's detail says of a member of whose texts some were cut at `maxTokens`. */
export function cutDetail(cut: number, texts: number): string[] {
  if (cut === 0) return [];
  return [texts === 1 ? word : `${word}: ${cut} of ${texts} texts`];
}

/** perhaps: of the member's texts some were cut, or its line is not there. */
export type Cut = "yes" | "perhaps" | "no";

/** What a shard's ledger says of one of its samples: whether its text was cut. */
export async function readCut(
  records: Records,
  { shard, subset, part }: Pick<Manifest, "shard" | "subset" | "part">,
  { dataset, key }: { readonly dataset: Dataset; readonly key: string },
  signal: AbortSignal,
): Promise<Cut> {
  const { keyPrefix } = dataset;
  for await (const { position, member, detail } of records.readLedger(shard, signal)) {
    // A member of several records or turns has one line, and its samples keys that go on from this one; the samples of
    // another output are members under their own keys.
    const names = [sampleKey({ keyPrefix, part: { subset, part }, position }), member];
    const isOwn = names.some((own) => key === own || key.startsWith(`${own}-`));
    if (isOwn) return cutOf(detail);
  }
  return "perhaps";
}

function cutOf(detail: string | null): Cut {
  const said = detail?.split("; ").find((one) => one === word || one.startsWith(`${word}: `));
  if (said === undefined) return "no";
  return said === word ? "yes" : "perhaps";
}
