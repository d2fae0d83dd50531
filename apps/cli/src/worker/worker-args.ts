import { resolve } from "node:path";
import type { WorkOptions } from "../commands/shared-options.ts";

/** The same capacity, as arguments of the local worker. */
export function workerArgs(options: WorkOptions): string[] {
  const { workers, perProcess, memory, childMemory, minFree, maxOutput, maxBandwidth, cache, cacheLimit } =
    options;
  return [
    ...["--workers", String(workers), "--memory", String(memory), "--child-memory", String(childMemory)],
    ...(perProcess === undefined ? [] : ["--per-process", String(perProcess)]),
    ...(minFree === undefined ? [] : ["--min-free", String(minFree)]),
    ...(maxOutput === undefined ? [] : ["--max-output", String(maxOutput)]),
    ...(maxBandwidth === undefined ? [] : ["--max-bandwidth", String(maxBandwidth)]),
    ...(cache === undefined ? [] : ["--cache", resolve(cache), "--cache-limit", String(cacheLimit ?? 0)]),
  ];
}
