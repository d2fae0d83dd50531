import { expectedMembers, shardProgressSchema, type WorkLeft, workLeft } from "@shardmill/core";
import type { BuildNow } from "../read/build-now.ts";

/** Members that the parts at work still have before them. */
export function remainingOf({ build, status, queue }: BuildNow): WorkLeft {
  const told = queue.progress.map(({ progress }) => shardProgressSchema.safeParse(progress));
  const inShards = told.reduce((sum, { data }) => sum + (data?.done ?? 0), 0);
  const atWork = status.parts.filter(({ state }) => state === "running" || state === "queued");
  const unread = atWork.filter(({ members }) => members === null);
  const bytes = unread.reduce((sum, { sourceBytes }) => sum + sourceBytes, 0) / Math.max(1, unread.length);
  return workLeft(status.parts, { usual: expectedMembers(build.dataset, bytes), inShards });
}
