import { Failure } from "@shardmill/core";
import { readLastRun } from "@shardmill/pipeline/last-run";
import type { HeldPart } from "@shardmill/pipeline/status";
import type { BuildJobs } from "@shardmill/queue";
import { type Records, readBuildOwner } from "@shardmill/store";
import { oldestRunOf } from "./build-time.ts";
import { heldParts, readHolds } from "./hold-records.ts";
import { partsInQueue } from "./join-queue.ts";
import { type KeptRun, listRuns } from "./runs.ts";

/** Labels of parts that are being made, or will be. */
export interface PartsAtWork {
  readonly running: ReadonlySet<string>;
  readonly queued: ReadonlySet<string>;
  /** The oldest run that has not ended; null where there is none. */
  readonly oldestRun: number | null;
  /** Parts that a person has paused or cancelled. */
  readonly held: ReadonlyMap<string, HeldPart>;
}

/**
 * What of a build is at work: by the jobs in its queue, and by the runs beside its records, which its owner adds again where a
 * queue has forgotten them. `jobs` null: the queue cannot be asked.
 */
export async function partsAtWork(records: Records, jobs: BuildJobs | null): Promise<PartsAtWork> {
  // A damaged run is named by whoever would carry it on.
  const runs = await carriedRuns(records).catch(none);
  const holds = await readHolds(records).catch(none);
  return { ...atWorkOf(jobs, runs), held: heldParts(new Map(holds)) };
}

function none(error: unknown): [] {
  if (error instanceof Failure) return [];
  throw error;
}

export function atWorkOf(jobs: BuildJobs | null, runs: readonly KeptRun[]): Omit<PartsAtWork, "held"> {
  const { running, queued } = jobs === null ? nothing : partsInQueue(jobs);
  const ended = new Set(
    [...(jobs?.completed ?? []), ...(jobs?.failed ?? [])].flatMap(({ what, run, label }) =>
      what === "shard" ? [] : [label === null ? `${run}` : `${run} ${label}`],
    ),
  );
  const open = runs.filter(({ run }) => !ended.has(`${run.run}`));
  const kept = open.flatMap(({ run }) =>
    run.parts.flatMap(({ label }) => (ended.has(`${run.run} ${label}`) ? [] : [label])),
  );
  const inQueue = jobs === null ? null : oldestRunOf(jobs);
  const numbers = [...open.map(({ run }) => run.run), ...(inQueue === null ? [] : [inQueue])];
  return {
    running,
    queued: new Set([...queued, ...kept.filter((label) => !running.has(label))]),
    oldestRun: numbers.length === 0 ? null : Math.min(...numbers),
  };
}

/** Whether a person has paused every part that is left: nothing is to be heard of such a build. */
export function isAllHeld({
  running,
  queued,
  held,
}: Pick<PartsAtWork, "running" | "queued" | "held">): boolean {
  const labels = [...running, ...queued];
  return labels.length > 0 && labels.every((label) => held.get(label)?.kind === "pause");
}

const nothing = { running: new Set<string>(), queued: new Set<string>() };

/**
 * Runs that an owner carries on, or the next service will. Those of a command that has gone are waited for by nobody; of those that
 * were left to workers elsewhere the queue alone tells.
 */
export async function carriedRuns(records: Records): Promise<KeptRun[]> {
  const runs = await listRuns(records);
  if (runs.length === 0) return [];
  const owner = await readBuildOwner(records);
  if (owner === null || owner.state === "dead")
    return runs.filter(({ outlivesOwner, isDetached }) => outlivesOwner && !isDetached);
  const address = await records.readQueueAddress();
  if (address?.owner !== "command") return runs.filter(({ outlivesOwner }) => outlivesOwner);
  // A command passes over what services left before it began.
  const beganMs = Date.parse((await readLastRun(records))?.beganAt ?? "");
  return runs.filter(({ run, outlivesOwner }) => !outlivesOwner || run.run >= beganMs);
}
