import { recordVersion } from "@shardmill/core";
import type { HeldPart } from "@shardmill/pipeline/status";
import type { MillQueue } from "@shardmill/queue";
import { type Records, readRecord, recordText } from "@shardmill/store";
import { z } from "zod";

const holdSchema = z.object({
  version: z.literal(recordVersion),
  at: z.iso.datetime(),
  /** lifted: it was cancelled, and has been asked for again since. */
  kind: z.enum(["pause", "cancel", "lifted"]),
  /** Of a cancelled part: runs up to this number leave it out, whatever their record lists. */
  throughRun: z.int(),
});

/** What a person has asked of one part. */
type Hold = z.output<typeof holdSchema>;
export type Holds = ReadonlyMap<string, Hold>;

/** By label. A damaged one is a Failure that names its file. */
export async function readHolds({ store, paths }: Records): Promise<Holds> {
  const holds = new Map<string, Hold>();
  for (const path of await store.list(paths.holds)) {
    const label = /([^/]+)\.json$/.exec(path)?.[1];
    const hold = label === undefined ? null : await readRecord(store, path, holdSchema);
    if (label !== undefined && hold !== null) holds.set(label, hold);
  }
  return holds;
}

export async function writeHold(records: Records, label: string, hold: Omit<Hold, "version">): Promise<void> {
  await records.store.put(pathOf(records, label), recordText({ version: recordVersion, ...hold }));
}

export async function dropHold(records: Records, label: string): Promise<void> {
  await records.store.remove(pathOf(records, label));
}

/** Whether a run of this number leaves the part out. */
export function isLeftOut(holds: Holds, label: string, run: number): boolean {
  const hold = holds.get(label);
  return hold !== undefined && hold.kind !== "pause" && run <= hold.throughRun;
}

/** What a person who looks is told of them. */
export function heldParts(holds: Holds): Map<string, HeldPart> {
  return new Map(
    [...holds].flatMap(([label, { kind, at }]) =>
      kind === "lifted" ? [] : [[label, { kind, at }] as const],
    ),
  );
}

/**
 * Tells a queue that was emptied, or is another one, which parts are paused. What it was told last it keeps: only whoever steers
 * writes the record, and does that after the queue has taken it. What is cancelled has no job there that could be told.
 */
export async function keepHolds(records: Records, queue: MillQueue, build: string): Promise<void> {
  const told = await queue.partControls(build);
  for (const [label, { kind }] of await readHolds(records)) {
    if (kind !== "pause" || told.has(label)) continue;
    await queue.setPartControl({ build, label }, "pause");
    // Lifted meanwhile: whoever did that was first.
    if ((await readHolds(records)).get(label)?.kind !== "pause")
      await queue.setPartControl({ build, label }, "run");
  }
}

export function pauseOf(): Omit<Hold, "version"> {
  return { at: new Date().toISOString(), kind: "pause", throughRun: 0 };
}

/** Nothing of the build is left to be held; which parts were cancelled is told until they are asked for again. */
export async function forgetHolds(records: Records, queue: MillQueue, build: string): Promise<void> {
  for (const [label, { kind }] of await readHolds(records))
    if (kind !== "cancel") await dropHold(records, label);
  await queue.forgetPartControls(build, [...(await queue.partControls(build)).keys()]);
}

function pathOf({ paths }: Records, label: string): string {
  return `${paths.holds}/${label}.json`;
}
