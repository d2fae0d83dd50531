import { unlessAborted } from "@shardmill/core";
import type { MillQueue } from "@shardmill/queue";
import type { Records } from "@shardmill/store";
import { readHolds } from "./hold-records.ts";
import { listRuns, readRun } from "./runs.ts";

interface Asked {
  readonly records: Records;
  readonly queue: MillQueue;
  readonly build: string;
  readonly signal: AbortSignal;
}

/**
 * Adds to the queue what is left of a run and not there. That may wait for a queue that is away, and one that comes back empty has
 * forgotten what was cancelled meanwhile: the records have not, and what was added for nobody is taken out again.
 */
export async function addAgain(asked: Asked, number: number): Promise<void> {
  const { records, queue, signal } = asked;
  const before = await readRun(records, number);
  if (before === null || before.run.parts.length === 0) return;
  await unlessAborted(queue.ensureParts(before.run), signal);
  const after = await readRun(records, number);
  if (after === null) return unlessAborted(cancelAgain(asked), signal);
  const left = new Set(after.run.parts.map(({ label }) => label));
  for (const { label } of before.run.parts)
    if (!left.has(label)) await unlessAborted(cancelPartAgain(asked, label), signal);
}

/** Runs that were asked for since have lost their jobs with it: the next look adds those again. */
async function cancelAgain({ records, queue, build }: Asked): Promise<void> {
  const asked = await queue.askedControl(build);
  await queue.setControl(build, "cancel");
  if ((await listRuns(records)).length > 0) await queue.setControl(build, asked ?? "run");
}

async function cancelPartAgain({ records, queue, build }: Asked, label: string): Promise<void> {
  await queue.setPartControl({ build, label }, "cancel");
  // Asked for again meanwhile: whoever did that was first.
  if ((await readHolds(records)).get(label)?.kind !== "cancel")
    await queue.setPartControl({ build, label }, "run");
}
