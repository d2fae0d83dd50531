import { Failure } from "@shardmill/core";
import { openRecords, originsOf, recordPaths, type Store } from "@shardmill/store";
import { findWithdrawn } from "./find-withdrawn.ts";
import { readWithdrawals } from "./read-withdrawals.ts";

/** An output that is made from another one, and how many samples it holds that are withdrawn there. */
export interface DerivedOutput {
  readonly dataset: string;
  readonly samples: number;
  /** Why nobody can tell; null where it is known. */
  readonly problem: string | null;
}

/** Outputs of this root that are made from another one, or from one that is, and that hold what is withdrawn there. */
export async function derivedHolding(
  store: Store,
  origin: string,
  signal: AbortSignal,
): Promise<DerivedOutput[]> {
  const sources = new Map<string, readonly string[]>();
  const problems = new Map<string, string>();
  for (const dataset of await store.listFolders("")) {
    if ((await store.stat(recordPaths(dataset).build)) === null) continue;
    try {
      const build = await openRecords(store, dataset).readBuild();
      if (build !== null) sources.set(dataset, originsOf(build));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      problems.set(dataset, error.message);
    }
  }
  const derived: DerivedOutput[] = [...problems].map(([dataset, problem]) => ({
    dataset,
    samples: 0,
    problem,
  }));
  for (const dataset of sources.keys()) {
    if (dataset === origin || !isMadeFrom(sources, dataset, origin)) continue;
    const held = await heldBy(store, dataset, signal);
    if (held.samples > 0 || held.problem !== null) derived.push({ dataset, ...held });
  }
  return derived;
}

function isMadeFrom(
  sources: ReadonlyMap<string, readonly string[]>,
  dataset: string,
  origin: string,
): boolean {
  const met = new Set([dataset]);
  for (const name of met) for (const from of sources.get(name) ?? []) met.add(from);
  return met.has(origin);
}

async function heldBy(
  store: Store,
  dataset: string,
  signal: AbortSignal,
): Promise<Pick<DerivedOutput, "samples" | "problem">> {
  try {
    const records = openRecords(store, dataset);
    const build = await records.readBuild();
    if (build === null) return { samples: 0, problem: null };
    const { all } = await readWithdrawals({ records, build });
    let samples = 0;
    for await (const { members } of findWithdrawn(records, all, {}, signal))
      samples += members.reduce((sum, member) => sum + member.samples.length, 0);
    return { samples, problem: null };
  } catch (error) {
    if (error instanceof Failure) return { samples: 0, problem: error.message };
    throw error;
  }
}
