import type { Control } from "@shardmill/core";
import type { MillQueue } from "@shardmill/queue";
import type { Records } from "@shardmill/store";
import { dropHold, pauseOf, readHolds, writeHold } from "./hold-records.ts";
import { partsAtWork } from "./parts-at-work.ts";
import { listRuns } from "./runs.ts";
import { whileAnswering } from "./while-answering.ts";

interface SteeredPart {
  readonly records: Records;
  readonly build: string;
  readonly label: string;
}

/**
 * Pauses, lets go on or cancels one part of a build, whoever owns that. A cancelled part is left out of every run that was asked for
 * before; a retry brings it back. As with a whole build: `queue_unreachable` within two seconds, and nothing is done later then.
 */
export async function steerPart(
  queue: MillQueue,
  { records, build, label }: SteeredPart,
  control: Control,
): Promise<"steered" | "at_rest"> {
  await queue.ping();
  const jobs = await whileAnswering(queue, queue.jobsOf(build));
  const { running, queued } = await partsAtWork(records, jobs);
  const isPaused = (await readHolds(records)).get(label)?.kind === "pause";
  if (!running.has(label) && !queued.has(label) && !(control === "run" && isPaused)) return "at_rest";
  // Runs that are asked for from here on are none that this cancels.
  const runs = (await listRuns(records)).map(({ run }) => run.run);
  const numbers = [...jobs.waiting, ...jobs.active, ...jobs.delayed, ...jobs.parked].map(({ run }) => run);
  await queue.setPartControl({ build, label }, control);
  if (control === "pause") await writeHold(records, label, pauseOf());
  else if (control === "run") await dropHold(records, label);
  else {
    const throughRun = Math.max(0, ...runs, ...numbers);
    await writeHold(records, label, { at: new Date().toISOString(), kind: "cancel", throughRun });
    // What a look of the owner that was under way has added after the first goes as well.
    await queue.setPartControl({ build, label }, control).catch(() => undefined);
  }
  return "steered";
}
