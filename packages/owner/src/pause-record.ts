import { type Control, recordVersion } from "@shardmill/core";
import type { MillQueue } from "@shardmill/queue";
import { type Records, readRecord, recordText } from "@shardmill/store";
import { z } from "zod";

const pauseSchema = z.object({
  version: z.literal(recordVersion),
  pausedAt: z.iso.datetime(),
});

/** Since when a person has had the build paused; null where it is not. It lasts until that is lifted or all has ended. */
export async function readPause(records: Records): Promise<string | null> {
  return (await readRecord(records.store, records.paths.pause, pauseSchema))?.pausedAt ?? null;
}

export async function writePause(records: Records): Promise<void> {
  if ((await readPause(records)) !== null) return;
  const pause = { version: recordVersion, pausedAt: new Date().toISOString() };
  await records.store.put(records.paths.pause, recordText(pause));
}

export async function dropPause(records: Records): Promise<void> {
  await records.store.remove(records.paths.pause);
}

/** For a build that nobody owns; false where it was not paused. */
export async function liftPause(records: Records): Promise<boolean> {
  if ((await readPause(records)) === null) return false;
  await dropPause(records);
  return true;
}

/**
 * What is asked of the build, once queue and records say the same: what the queue was told last counts, and where it knows
 * nothing (it is another one, or was emptied) what lies beside the records.
 */
export async function keepControl(records: Records, queue: MillQueue, build: string): Promise<Control> {
  const told = await queue.askedControl(build);
  const isPaused = (await readPause(records)) !== null;
  if (told === null) {
    if (isPaused) await queue.setControl(build, "pause");
    return isPaused ? "pause" : "run";
  }
  if (told === "pause") await writePause(records);
  else if (isPaused) await dropPause(records);
  return told;
}

/** Nothing of the build is left to be paused: what is asked for next begins. */
export async function forgetPause(records: Records, queue: MillQueue, build: string): Promise<void> {
  await dropPause(records);
  if ((await queue.askedControl(build)) === "pause") await queue.setControl(build, "run");
}
