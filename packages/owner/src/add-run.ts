import { type BuildRecord, type PartId, partLabel } from "@shardmill/core";
import type { PartOrder } from "@shardmill/pipeline";
import type { MillQueue } from "@shardmill/queue";
import type { Records } from "@shardmill/store";
import { dropHold, readHolds, writeHold } from "./hold-records.ts";
import { isOutOfReach } from "./join-queue.ts";
import { atWorkOf, carriedRuns } from "./parts-at-work.ts";
import { keepControl } from "./pause-record.ts";
import { type KeptRun, keepRun } from "./runs.ts";
import { whileAnswering } from "./while-answering.ts";

export interface OrderedPart {
  readonly part: PartId;
  readonly order: PartOrder;
}

/** Parts of a build that are to be made. */
interface PartsToMake {
  readonly build: BuildRecord;
  readonly parts: readonly OrderedPart[];
  readonly outlivesOwner: boolean;
  readonly isDetached?: boolean;
  readonly thenRoots: boolean;
  /** Runs that are at work, where the caller owns the build; else they are looked up. */
  readonly carried?: readonly KeptRun[];
}

/**
 * Parts as a run in the queue, without those that an earlier request has at work still. The run lies beside the records
 * first, so that whoever owns the build sees that it ends. `run` is null when all of them are at work. Where the queue does not
 * answer, that is told and nothing is left of the request; once the run is kept, the owner adds its jobs in any case.
 */
export async function addRun(
  records: Records,
  queue: MillQueue,
  { build, parts, carried, isDetached = false, ...how }: PartsToMake,
): Promise<{ readonly run: KeptRun | null; readonly atWork: number }> {
  const name = build.build;
  const jobs = await whileAnswering(queue, queue.jobsOf(name));
  // A queue that was emptied knows nothing of runs that are added to it again in a moment.
  const { running, queued } = atWorkOf(jobs, carried ?? (await carriedRuns(records)));
  const idle = parts.filter(({ part }) => !running.has(partLabel(part)) && !queued.has(partLabel(part)));
  const atWork = parts.length - idle.length;
  if (idle.length === 0) return { run: null, atWork };
  // Before the run is there: what is cancelled after that is this run.
  const control = await whileAnswering(queue, keepControl(records, queue, name));
  if (control === "cancel") {
    // What a server that went away in the middle of it has kept of what was cancelled must not come back with this.
    await queue.setControl(name, "cancel");
    await queue.setControl(name, "run");
  }
  const heldThrough = await liftHolds(records, queue, name, idle);
  const number = Math.max(Date.now(), heldThrough + 1);
  const run = await keepRun(records, { ...how, isDetached, run: jobsOf(build, idle) }, number);
  await whileAnswering(queue, queue.ensureParts(run.run)).catch((error: unknown) => {
    if (!isOutOfReach(error)) throw error;
  });
  return { run, atWork };
}

/** Parts that were paused or cancelled are asked for again; the last run that leaves one of them out, 0 for none. */
async function liftHolds(
  records: Records,
  queue: MillQueue,
  build: string,
  parts: readonly OrderedPart[],
): Promise<number> {
  const holds = await readHolds(records);
  let through = 0;
  for (const label of parts.map(({ part }) => partLabel(part))) {
    const hold = holds.get(label);
    if (hold === undefined) continue;
    await whileAnswering(queue, queue.setPartControl({ build, label }, "run"));
    if (hold.kind === "pause") await dropHold(records, label);
    else await writeHold(records, label, { ...hold, kind: "lifted" });
    through = Math.max(through, hold.throughRun);
  }
  return through;
}

function jobsOf(build: BuildRecord, parts: readonly OrderedPart[]): Omit<KeptRun["run"], "run"> {
  return {
    build: build.build,
    dataset: build.dataset.name,
    payload: null,
    parts: parts.map(({ part, order }) => ({
      label: partLabel(part),
      subset: part.subset,
      part: part.part,
      payload: order,
    })),
  };
}
