import { recordVersion } from "@shardmill/core";
import { type Records, readRecord, recordText } from "@shardmill/store";
import { z } from "zod";

const lastRunSchema = z.object({
  version: z.literal(recordVersion),
  /** When the oldest of the runs that were made in one go was asked for. */
  beganAt: z.iso.datetime(),
  /** Null while they last; and for good where nobody was there at their end: the owner was killed. */
  endedAt: z.iso.datetime().nullable(),
});

/** When a build was at work last; what has been asked for and lasts is told by its runs too. */
export type LastRun = z.output<typeof lastRunSchema>;

export function readLastRun(records: Records): Promise<LastRun | null> {
  return readRecord(records.store, records.paths.lastRun, lastRunSchema);
}

export async function writeLastRun(
  records: Records,
  { beganMs, endedMs }: { readonly beganMs: number; readonly endedMs: number | null },
): Promise<void> {
  const beganAt = new Date(beganMs).toISOString();
  // The number of a run may lie ahead of the clock by as many runs as were asked for in its millisecond.
  const endedAt = endedMs === null ? null : new Date(Math.max(beganMs, endedMs)).toISOString();
  const lastRun: LastRun = { version: recordVersion, beganAt, endedAt };
  await records.store.put(records.paths.lastRun, recordText(lastRun));
}
