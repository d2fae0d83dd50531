import type { BigIntStats } from "node:fs";

/** How coarse a clock of files may be: Linux counts in ticks of up to 10 ms, some file systems in seconds (FAT in two). */
const tickMs = 50;
const coarseMs = 2_100;
const secondNs = 1_000_000_000n;

/** Changes whenever the bytes do, but for a second change within one tick of the file system's clock. */
export function stampOf({ size, mtimeNs, ctimeNs, ino }: BigIntStats): string {
  return `${size} ${mtimeNs} ${ctimeNs} ${ino}`;
}

/**
 * The stamp, or null for a file that was changed so short a time ago that it may be changed again without another stamp
 * (what git calls racy). The inode's own time decides, since a program can set the other one.
 */
export function settledStamp(stats: BigIntStats, nowMs: number): string | null {
  const isCoarse = stats.ctimeNs % secondNs === 0n;
  const ageMs = nowMs - Number(stats.ctimeNs / 1_000_000n);
  return ageMs > (isCoarse ? coarseMs : tickMs) ? stampOf(stats) : null;
}
