import { expectedMembers } from "@shardmill/core";
import type { WorkerBeat } from "@shardmill/queue";
import type { Budget } from "../contract/index.ts";
import type { BuildNow } from "./build-now.ts";

/** Disk and network as the build has them and will still need them. Parts that nobody has enqueued are not counted. */
export function budgetOf(
  { build, status }: BuildNow,
  workers: readonly WorkerBeat[],
  freeBytes: number | null,
): Budget {
  const { samples, shardBytes } = status.totals;
  const bytesPerSample = samples > 0 ? shardBytes / samples : build.dataset.expected.bytesPerSample;
  let toReadBytes = 0;
  let toWrite: number | null = 0;
  for (const part of status.parts) {
    if (part.state !== "running" && part.state !== "queued") continue;
    const told = part.packed + part.failed + part.skipped;
    const { members } = part;
    const left = members === null ? null : Math.max(0, members - told);
    toReadBytes +=
      part.sourceBytes * (left === null || members === null || members === 0 ? 1 : left / members);
    const expected: number | null = left ?? expectedMembers(build.dataset, part.sourceBytes);
    toWrite = toWrite === null || expected === null ? null : toWrite + expected * bytesPerSample;
  }
  const limits = workers.flatMap((worker) =>
    worker.role === "mill" && worker.limits !== null ? [worker.limits] : [],
  );
  const most = limits.flatMap(({ maxOutputBytes }) => maxOutputBytes ?? []);
  return {
    disk: {
      freeBytes,
      usedBytes: shardBytes,
      toWriteBytes: toWrite === null ? null : Math.round(toWrite),
      keepFreeBytes: Math.max(0, ...limits.map(({ minFreeBytes }) => minFreeBytes)),
      maxOutputBytes: most.length === 0 ? null : Math.min(...most),
    },
    network: { toReadBytes: Math.round(toReadBytes), maxBytesPerS: bandwidthOf(limits) },
  };
}

function bandwidthOf(limits: readonly NonNullable<WorkerBeat["limits"]>[]): number | null {
  if (limits.length === 0) return null;
  return limits.reduce<number | null>(
    (sum, { maxBytesPerS }) => (sum === null || maxBytesPerS === null ? null : sum + maxBytesPerS),
    0,
  );
}
