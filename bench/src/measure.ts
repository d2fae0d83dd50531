import { treeCpuSeconds, watchPeakMemory } from "./process-tree.ts";

export interface Cost {
  readonly clipsPerSecond: number;
  readonly cpuSecondsPerClip: number;
  readonly peakMiB: number;
}

/** Wall time, CPU time (all processes below this one included) and the peak memory of those processes. */
export async function measure(clips: number, work: () => Promise<void>): Promise<Cost> {
  const memory = watchPeakMemory();
  const cpuBefore = treeCpuSeconds();
  const started = performance.now();
  try {
    await work();
  } finally {
    memory.stop();
  }
  const wallS = (performance.now() - started) / 1000;
  const cpuS = treeCpuSeconds() - cpuBefore;
  return { clipsPerSecond: clips / wallS, cpuSecondsPerClip: cpuS / clips, peakMiB: memory.stop() };
}

export function medianCost(costs: readonly Cost[]): Cost {
  const of = (field: keyof Cost): number => median(costs.map((cost) => cost[field]));
  return {
    clipsPerSecond: of("clipsPerSecond"),
    cpuSecondsPerClip: of("cpuSecondsPerClip"),
    peakMiB: Math.max(...costs.map((cost) => cost.peakMiB)),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return Number.isInteger(middle)
    ? ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
    : (sorted[Math.floor(middle)] ?? 0);
}
