import { shardProgressSchema } from "@shardmill/core";
import type { BuildNow } from "../read/build-now.ts";
import type { Remaining } from "./meter.ts";

/** Members that the parts at work still have before them; a part without a plan counts as much as the others on average. */
export function remainingOf({ build, status, queue }: BuildNow): Remaining {
  const known = status.parts.flatMap(({ members }) => (members === null || members === 0 ? [] : [members]));
  const { membersPerPart } = build.dataset.expected;
  const usual =
    known.length > 0
      ? known.reduce((sum, members) => sum + members, 0) / known.length
      : (membersPerPart ?? 0);
  let members = 0;
  let estimated = 0;
  for (const part of status.parts) {
    if (part.state !== "running" && part.state !== "queued") continue;
    const left = Math.max(0, (part.members ?? usual) - part.packed - part.failed - part.skipped);
    members += left;
    if (part.members === null) estimated += left;
  }
  for (const { progress } of queue.progress) {
    const told = shardProgressSchema.safeParse(progress);
    if (told.success) members -= told.data.done;
  }
  return { members: Math.max(0, members), estimated };
}
