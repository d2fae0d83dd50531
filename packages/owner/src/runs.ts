import { recordVersion } from "@shardmill/core";
import { type BuildRun, buildRunSchema } from "@shardmill/queue";
import { type Records, readRecord } from "@shardmill/store";
import { z } from "zod";
import { type Holds, isLeftOut, readHolds } from "./hold-records.ts";

const keptRunSchema = z.object({
  version: z.literal(recordVersion),
  /** It was asked of a service, or handed to one: the next service carries it on when its owner has gone. */
  outlivesOwner: z.boolean(),
  /** It was left to workers elsewhere: nobody owns it, unless a service with its queue takes it up. */
  isDetached: z.boolean().default(false),
  /** What the user's folders can fill is to be made when it has ended. */
  thenRoots: z.boolean(),
  run: buildRunSchema,
});

/** A run as it lies beside the records from being asked for until it has ended. */
export type KeptRun = z.output<typeof keptRunSchema>;

/**
 * The run with a number of its own, written beside the records. The number is the millisecond in which it was asked for,
 * or the next one that is free: it grows with time, so that jobs of an ended run do not stand in the way, and says when
 * the run began. The file claims it, whichever process asks.
 */
export async function keepRun(
  records: Records,
  what: Omit<z.input<typeof keptRunSchema>, "version" | "run"> & { readonly run: Omit<BuildRun, "run"> },
  nowMs: number,
): Promise<KeptRun> {
  for (let number = nowMs; ; number += 1) {
    const kept = keptRunSchema.parse({ version: recordVersion, ...what, run: { ...what.run, run: number } });
    const text = `${JSON.stringify(kept)}\n`;
    if ((await records.store.putNew(pathOf(records, number), text)) === "published") return kept;
  }
}

/**
 * What has been asked for and has not ended, the oldest first, without parts that were cancelled since: a run may have none left. A
 * damaged one is a Failure that names its file: it is work that was asked for.
 */
export async function listRuns(records: Records): Promise<KeptRun[]> {
  const paths = (await records.store.list(records.paths.runs)).filter((path) => /\/\d+\.json$/.test(path));
  // One that has gone meanwhile has ended.
  const runs = await Promise.all(paths.map((path) => readRecord(records.store, path, keptRunSchema)));
  const holds = runs.length === 0 ? new Map() : await readHolds(records);
  return runs
    .flatMap((run) => (run === null ? [] : [withoutCancelled(run, holds)]))
    .sort((a, b) => a.run.run - b.run.run);
}

function withoutCancelled(kept: KeptRun, holds: Holds): KeptRun {
  const parts = kept.run.parts.filter(({ label }) => !isLeftOut(holds, label, kept.run.run));
  return { ...kept, run: { ...kept.run, parts } };
}

/** Something was asked of a service and has not ended: a service carries it on, this one or the next. */
export async function isLeftToServices(records: Records): Promise<boolean> {
  return (await listRuns(records)).some((run) => run.outlivesOwner && !run.isDetached);
}

/** Whether it is still to be done: whoever cancels a build takes its runs away. */
export async function isKept(records: Records, { run }: KeptRun): Promise<boolean> {
  return (await records.store.stat(pathOf(records, run.run))) !== null;
}

/** What is left of it by now; null where it was cancelled or has ended. */
export async function readRun(records: Records, number: number): Promise<KeptRun | null> {
  const run = await readRecord(records.store, pathOf(records, number), keptRunSchema);
  return run === null ? null : withoutCancelled(run, await readHolds(records));
}

export async function dropRun(records: Records, { run }: KeptRun): Promise<void> {
  await records.store.remove(pathOf(records, run.run));
}

function pathOf({ paths }: Records, number: number): string {
  return `${paths.runs}/${number}.json`;
}
