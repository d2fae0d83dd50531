import type { Control } from "@shardmill/core";
import type { MillQueue } from "@shardmill/queue";
import type { Records } from "@shardmill/store";
import { dropRun, listRuns } from "./runs.ts";

/** Tells a running build what a person wants, whoever owns it; `records` is null where only its queue can be reached. */
export async function steerBuild(
  queue: MillQueue,
  records: Records | null,
  build: string,
  control: Control,
): Promise<void> {
  // Runs that are asked for from here on are none that this cancels.
  const runs = records === null || control !== "cancel" ? [] : await listRuns(records);
  await queue.setControl(build, control);
  if (control !== "cancel") return;
  if (records !== null) for (const run of runs) await dropRun(records, run);
  // What a look of the owner that was under way has added after the first goes as well.
  await queue.setControl(build, control);
}
