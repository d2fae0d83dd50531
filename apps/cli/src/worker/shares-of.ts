import { clipsAProcess } from "../commands/shared-options.ts";
import type { WorkerOptions } from "./worker-options.ts";

type Capacity = Pick<WorkerOptions, "workers" | "perProcess" | "memory" | "maxBandwidth" | "shards" | "role">;

/** `--max-bandwidth` and `--memory` take no less. */
const leastBytesPerS = 1_000;
const leastMemory = 1_000_000;

/**
 * What each process of a worker may take, this one first. Where it decodes more than one process can feed, the clips are
 * spread over several, and with them memory and bandwidth; of shards under way each has one at least.
 */
export function sharesOf<T extends Capacity>(options: T): T[] {
  const { workers, perProcess = clipsAProcess, memory, maxBandwidth, shards, role } = options;
  const wanted = role === "plan" ? 1 : Math.ceil(workers / perProcess);
  const count = Math.min(wanted, shards ?? wanted);
  if (count === 1) return [options];
  return evenly(workers, count).map((clips, at) => ({
    ...options,
    workers: clips,
    memory: Math.max(leastMemory, Math.floor((memory * clips) / workers)),
    ...(maxBandwidth === undefined
      ? {}
      : { maxBandwidth: Math.max(leastBytesPerS, Math.floor((maxBandwidth * clips) / workers)) }),
    ...(shards === undefined ? {} : { shards: evenly(shards, count)[at] }),
  }));
}

/** Whole numbers that differ by one at most. */
function evenly(sum: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) => Math.floor(sum / count) + (at < sum % count ? 1 : 0));
}
