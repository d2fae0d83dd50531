import { type Dataset, Failure } from "@shardmill/core";
import type { PrintOf } from "@shardmill/shards";
import { openRecords, type Store } from "@shardmill/store";
import type { OutputFacts } from "../facts/output-facts.ts";
import { tryOutputFacts } from "../facts/read-output-facts.ts";
import { compareSets, type Overlap } from "./compare-sets.ts";
import type { ComparedSet, RelatedPair } from "./compared-set.ts";
import { type PrintsProgress, printedSet } from "./printed-set.ts";

interface OverlapOptions {
  readonly signal: AbortSignal;
  readonly onPair: (pair: RelatedPair) => Promise<void> | void;
  readonly onProgress?: (progress: PrintsProgress) => void;
  readonly printOf?: PrintOf;
}

interface OverlapPlaces {
  /** Of the root that the outputs lie in. */
  readonly store: Store;
  /** The catalogue's entry; null where there is none. */
  readonly dataset: (name: string) => Dataset | null;
}

interface OutputsCompared extends Overlap {
  /** Of which output something is missing, and why. */
  readonly unfinished: readonly string[];
}

/** Two outputs of a root, or one with itself. One that is not there is wrong use; what is there of an unfinished one is compared. */
export async function overlapOfOutputs(
  { store, dataset }: OverlapPlaces,
  [nameOfA, nameOfB]: readonly [string, string],
  { signal, onPair, ...options }: OverlapOptions,
): Promise<OutputsCompared> {
  const facts = await factsOf(store, nameOfA);
  const factsOfB = nameOfA === nameOfB ? facts : await factsOf(store, nameOfB);
  const printed = (of: OutputFacts): Promise<ComparedSet> =>
    printedSet(openRecords(store, of.name), { ...of, dataset: dataset(of.entry) ?? of.dataset }, of.shards, {
      signal,
      ...options,
    });
  const a = await printed(facts);
  const b = factsOfB === facts ? a : await printed(factsOfB);
  const overlap = await compareSets(a, b, { signal, onPair });
  return {
    ...overlap,
    unfinished: [...new Set([facts, factsOfB])].flatMap(({ name, unfinished }) =>
      unfinished.map((line) => `${name}: ${line}`),
    ),
  };
}

async function factsOf(store: Store, name: string): Promise<OutputFacts> {
  const facts = await tryOutputFacts(openRecords(store, name));
  if (facts === null) throw new Failure("wrong_use", `there is no output ${name} in ${store.root}`);
  if ("problem" in facts) throw new Failure("record_invalid", `${name}: ${facts.problem}`);
  return facts;
}
