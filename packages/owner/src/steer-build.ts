import type { Control } from "@shardmill/core";
import { readLastRun, writeLastRun } from "@shardmill/pipeline/last-run";
import type { MillQueue } from "@shardmill/queue";
import { type Records, readBuildOwner } from "@shardmill/store";
import { isUnderWay } from "./join-queue.ts";
import { carriedRuns } from "./parts-at-work.ts";
import { dropPause, readPause, writePause } from "./pause-record.ts";
import { dropRun, listRuns } from "./runs.ts";
import { whileAnswering } from "./while-answering.ts";

/**
 * Tells a running build what a person wants, whoever owns it; `records` is null where only its queue can be reached. Fails
 * with `queue_unreachable` where that does not answer, and nothing is done later then. `at_rest`: nothing of it is at work, so
 * that there is nothing to be paused or cancelled; a pause that was left over is lifted by `run` all the same.
 */
export async function steerBuild(
  queue: MillQueue,
  records: Records | null,
  build: string,
  control: Control,
): Promise<"steered" | "at_rest"> {
  await queue.ping();
  const isAtWork = isUnderWay(await whileAnswering(queue, queue.jobsOf(build)));
  if (records === null) {
    if (!isAtWork) return "at_rest";
    await queue.setControl(build, control);
    return "steered";
  }
  const isAtRest = !isAtWork && (await carriedRuns(records)).length === 0;
  if (isAtRest && (control !== "run" || (await readPause(records)) === null)) return "at_rest";
  // Runs that are asked for from here on are none that this cancels.
  const runs = control === "cancel" ? await listRuns(records) : [];
  await queue.setControl(build, control);
  if (control === "pause") await writePause(records);
  else await dropPause(records);
  if (control !== "cancel") return "steered";
  for (const run of runs) await dropRun(records, run);
  // What a look of the owner that was under way has added after the first goes as well; taken it is by now in any case.
  await queue.setControl(build, control).catch(() => undefined);
  await endOfNobody(records);
  return "steered";
}

/** Where nobody owns the build, as one that was left to workers elsewhere, who cancels it is there at its end. */
async function endOfNobody(records: Records): Promise<void> {
  const owner = await readBuildOwner(records);
  const last = owner === null || owner.state === "dead" ? await readLastRun(records) : null;
  if (last?.endedAt === null)
    await writeLastRun(records, { beganMs: Date.parse(last.beganAt), endedMs: Date.now() });
}
