import { shardProgressSchema, type WorkLeft, workLeft } from "@shardmill/core";
import type { BuildNow } from "../read/build-now.ts";

/** Members that the parts at work still have before them. */
export function remainingOf({ build, status, queue }: BuildNow): WorkLeft {
  const told = queue.progress.map(({ progress }) => shardProgressSchema.safeParse(progress));
  const inShards = told.reduce((sum, { data }) => sum + (data?.done ?? 0), 0);
  return workLeft(status.parts, { usual: build.dataset.expected.membersPerPart ?? null, inShards });
}
