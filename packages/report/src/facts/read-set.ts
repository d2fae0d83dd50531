import { type BuildRecord, type Dataset, type Manifest, mergeRemarks, type Toolchain } from "@shardmill/core";
import { outputTerms, tryOutputFacts } from "@shardmill/mixes";
import { noQueue, readBooks, shardsOfBuild, statusOf } from "@shardmill/pipeline";
import { openRecords, type Store } from "@shardmill/store";
import type { Distribution } from "./distribution.ts";
import { framesByLedger } from "./read-ledgers.ts";
import { readTars } from "./read-tars.ts";
import type { SetFacts } from "./set-facts.ts";

export interface ReadSetOptions {
  /** The root that the outputs lie in. */
  readonly store: Store;
  /** The catalogue's entry of a name; null where there is none. */
  readonly dataset: (name: string) => Dataset | null;
  /** So many tars are read at most, for what no record has; with 0 nothing but records is, and no ledger either. */
  readonly tars: number;
}

type Unread = { readonly problem: string };

/**
 * All facts of an output, or why there are none. Memory is that of its manifests: ledgers are read a line at a time, tars a sample at a
 * time.
 */
export async function readSet(
  name: string,
  { store, dataset, tars }: ReadSetOptions,
  signal: AbortSignal,
): Promise<SetFacts | Unread> {
  const records = openRecords(store, name);
  const facts = await tryOutputFacts(records);
  if (facts === null) return { problem: `${name} is not built` };
  if ("problem" in facts) return { problem: `${name}: ${facts.problem}` };
  const build = await records.readBuild();
  if (build === null) return { problem: `${name} is not built` };
  const books = await readBooks(records);
  const status = statusOf(build, books, noQueue);
  const manifests = shardsOfBuild(build, books);
  const withSamples = manifests.filter(({ tar, samples }) => tar !== null && samples > 0);
  const byLedger =
    facts.media === "none" || tars === 0 ? null : await framesByLedger(records, withSamples, signal);
  const read = await readTars(store, facts, tars, signal);
  const asked = status.parts.filter(({ isAsked }) => isAsked);
  const entry = dataset(facts.entry) ?? facts.dataset;
  return {
    facts,
    dataset: entry,
    terms: outputTerms(facts, entry),
    parts: {
      byState: countBy(asked.map(({ state }) => state)),
      asked: asked.length,
      listed: status.parts.length,
    },
    counts: status.totals,
    cut: status.totals.tokens?.cut ?? 0,
    unmatched: status.totals.unmatched,
    remarks: mergeRemarks([...status.annotationRemarks, ...status.parts.flatMap(({ remarks }) => remarks)]),
    revisions: revisionsOf(build, status.parts),
    committed: committedOf(manifests),
    toolchains: toolchainsOf(manifests),
    bytesRead: manifests.reduce((sum, { made }) => sum + made.bytesRead, 0),
    distributions: distributionsOf(facts.media === "none", byLedger, read.distributions),
    read: { ledgers: byLedger === null ? 0 : withSamples.length, tars: read.tars, samples: read.samples },
    fields: read.fields,
    sheet: read.sheet,
    sheetTexts: read.sheetTexts,
  };
}

/** Of all shards where the ledgers say it, else of the tars that were read. A set of texts has no frames to speak of. */
function distributionsOf(
  isText: boolean,
  byLedger: Distribution | null,
  read: readonly Distribution[],
): Distribution[] {
  return read.flatMap((one) => {
    if (one.kind !== "frames") return [one];
    const best = byLedger ?? one;
    return isText ? [] : [best];
  });
}

function countBy(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words.toSorted()) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

function revisionsOf(build: BuildRecord, parts: readonly { readonly revision: string | null }[]): string[] {
  const all = [...parts.map(({ revision }) => revision), build.source.revision];
  return [...new Set(all.filter((one): one is string => one !== null))].sort();
}

function committedOf(manifests: readonly Manifest[]): SetFacts["committed"] {
  const times = manifests.map(({ made }) => made.committedAt).sort();
  const [first, last] = [times[0], times.at(-1)];
  return first === undefined || last === undefined ? null : { first, last };
}

function toolchainsOf(manifests: readonly Manifest[]): Toolchain[] {
  const known = new Map(manifests.map(({ toolchain }) => [JSON.stringify(toolchain), toolchain]));
  return [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, toolchain]) => toolchain);
}
