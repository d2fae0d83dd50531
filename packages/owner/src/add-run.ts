import { type BuildRecord, type PartId, partLabel } from "@shardmill/core";
import type { PartOrder } from "@shardmill/pipeline";
import type { MillQueue } from "@shardmill/queue";
import type { Records } from "@shardmill/store";
import { partsInQueue } from "./join-queue.ts";
import { type KeptRun, keepRun } from "./runs.ts";

export interface OrderedPart {
  readonly part: PartId;
  readonly order: PartOrder;
}

/** Parts of a build that are to be made. */
interface PartsToMake {
  readonly build: BuildRecord;
  readonly parts: readonly OrderedPart[];
  readonly outlivesOwner: boolean;
  readonly thenRoots: boolean;
}

/**
 * Parts as a run in the queue, without those that an earlier request has at work still. The run lies beside the records
 * first, so that whoever owns the build sees that it ends. `run` is null when all of them are at work.
 */
export async function addRun(
  records: Records,
  queue: MillQueue,
  { build, parts, ...how }: PartsToMake,
): Promise<{ readonly run: KeptRun | null; readonly atWork: number }> {
  const { running, queued } = partsInQueue(await queue.jobsOf(build.build));
  const idle = parts.filter(({ part }) => !running.has(partLabel(part)) && !queued.has(partLabel(part)));
  const atWork = parts.length - idle.length;
  if (idle.length === 0) return { run: null, atWork };
  // Before the run is there: what is cancelled after that is this run.
  if ((await queue.control(build.build)) === "cancel") await queue.setControl(build.build, "run");
  const run = await keepRun(records, { ...how, run: jobsOf(build, idle) }, Date.now());
  await queue.ensureParts(run.run);
  return { run, atWork };
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
