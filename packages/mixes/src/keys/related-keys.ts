import type { Dataset } from "@shardmill/core";
import { openRecords, type Store } from "@shardmill/store";
import type { OutputFacts } from "../facts/output-facts.ts";
import { tryOutputFacts } from "../facts/read-output-facts.ts";
import { compareSets } from "../overlap/compare-sets.ts";
import type { ComparedSet } from "../overlap/compared-set.ts";
import { type PrintsProgress, printedSet } from "../overlap/printed-set.ts";
import type { MixProblem } from "../plan/mix-plan.ts";
import { locateKeys } from "./locate-keys.ts";
import type { LeftOutKey } from "./read-left-out.ts";

/** Outputs, benchmarks as a rule, that a mix is to have nothing in common with. */
export interface Decontamination {
  readonly against: readonly string[];
  /** What was found when the mix was published, by output and reason: nothing is compared again. */
  readonly found?: ReadonlyMap<string, Readonly<Record<string, readonly string[]>>>;
  readonly onProgress?: (progress: PrintsProgress) => void;
}

/** What the reason of a related sample begins with; the output's name follows. */
export const overlaps = "overlaps:";

interface RelatedPlaces {
  readonly store: Store;
  readonly dataset: (name: string) => Dataset | null;
}

export interface RelatedKeys {
  /** By the output's name. */
  readonly byOutput: ReadonlyMap<string, readonly LeftOutKey[]>;
  readonly problems: readonly MixProblem[];
}

/**
 * The samples of a mix's sets that are related to these outputs, with the first of those as the reason. An output that is not there, or is not
 * whole, is a problem: nobody knows what is related to what it lacks.
 */
export async function relatedKeys(
  places: RelatedPlaces,
  sets: readonly OutputFacts[],
  { against, found: before, onProgress }: Decontamination,
  signal: AbortSignal,
): Promise<RelatedKeys> {
  if (before !== undefined) return foundBefore(places.store, sets, before, signal);
  const printed = (facts: OutputFacts): Promise<ComparedSet> =>
    printedSet(openRecords(places.store, facts.name), groupedByToday(facts), facts.shards, {
      signal,
      ...(onProgress && { onProgress }),
    });
  const groupedByToday = (facts: OutputFacts): OutputFacts => ({
    ...facts,
    dataset: places.dataset(facts.entry) ?? facts.dataset,
  });
  const problems: MixProblem[] = [];
  const byOutput = new Map<string, Map<string, LeftOutKey>>();
  // Texts have nothing to be known again by.
  const shown = sets.filter(({ media }) => media !== "none");
  for (const name of against) {
    const found = await outputToAvoid(places, name, sets);
    if ("kind" in found) {
      problems.push(found);
      continue;
    }
    const avoided = await printed(found);
    for (const facts of shown) {
      const own = byOutput.get(facts.name) ?? new Map<string, LeftOutKey>();
      byOutput.set(facts.name, own);
      const onPair = ({
        a: { key, shard },
      }: {
        readonly a: { readonly key: string; readonly shard: string };
      }): void => {
        if (!own.has(key)) own.set(key, { key, shard, reason: `${overlaps}${name}` });
      };
      await compareSets(await printed(facts), avoided, { signal, onPair });
    }
  }
  return { byOutput: new Map([...byOutput].map(([name, keys]) => [name, [...keys.values()]])), problems };
}

/** What was related then, in the shards that there are now. */
async function foundBefore(
  store: Store,
  sets: readonly OutputFacts[],
  found: NonNullable<Decontamination["found"]>,
  signal: AbortSignal,
): Promise<RelatedKeys> {
  const byOutput = new Map<string, readonly LeftOutKey[]>();
  for (const { name, shards } of sets) {
    const all: LeftOutKey[] = [];
    for (const [reason, keys] of Object.entries(found.get(name) ?? {})) {
      const located = await locateKeys(openRecords(store, name), shards, keys, signal);
      all.push(...located.map((one) => ({ ...one, reason })));
    }
    byOutput.set(name, all);
  }
  return { byOutput, problems: [] };
}

async function outputToAvoid(
  { store, dataset }: RelatedPlaces,
  name: string,
  sets: readonly OutputFacts[],
): Promise<OutputFacts | MixProblem> {
  const problem = (message: string, more: Partial<MixProblem> = {}): MixProblem => ({
    kind: "mistake",
    path: "--decontaminate",
    message,
    ...more,
  });
  if (sets.some((set) => set.name === name)) return problem(`${name} is a set of the mix`);
  const facts = await tryOutputFacts(openRecords(store, name));
  if (facts === null && dataset(name) !== null)
    return problem(`${name} is not built`, { kind: "state", command: ["build", name] });
  if (facts === null) return problem(`there is no output ${name}`);
  if ("problem" in facts) return problem(`${name}: ${facts.problem}`, { kind: "state" });
  const [first] = facts.unfinished;
  return first === undefined ? facts : problem(`${name} is not whole: ${first}`, { kind: "state" });
}
