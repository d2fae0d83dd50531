import { codes, type Remark as PartRemark, type PartState } from "@shardmill/core";
import { type BuildStatus, heldOf, type PartStatus } from "@shardmill/pipeline";
import { type Part, partStates, type Remark, type StateCounts } from "../contract/index.ts";
import type { BuildInQueue } from "./queue-eye.ts";
import { remedyOf } from "./remedies.ts";

/** The records' status with who is at work laid over it; the same rule as readStatus. */
export function statusNow(status: BuildStatus, queue: SeenInQueue): BuildStatus {
  if (queue.running.size + queue.queued.size + queue.held.size === 0) return status;
  return { ...status, parts: status.parts.map((part) => partNow(part, queue)) };
}

type SeenInQueue = Pick<BuildInQueue, "running" | "queued" | "held">;

function partNow(part: PartStatus, queue: SeenInQueue): PartStatus {
  if (part.state === "absent") return part;
  const state: PartState = queue.running.has(part.label)
    ? "running"
    : queue.queued.has(part.label)
      ? "queued"
      : part.state;
  const held = heldOf(part.label, state, queue);
  const now = held === part.held ? part : { ...part, held };
  return state === part.state ? now : { ...now, state, error: null };
}

export function partOf(part: PartStatus): Part {
  const { label, subset, state, members, packed, failed, skipped, samples, frames } = part;
  return {
    label,
    subset,
    part: part.part,
    state,
    asked: part.isAsked,
    members,
    packed,
    failed,
    skipped,
    byCode: { ...part.byCode },
    samples,
    frames,
    shards: { ...part.shards },
    sourceBytes: part.sourceBytes,
    shardBytes: part.shardBytes,
    error: part.error === null ? null : { ...part.error, remedy: remedyOf(part.error.code) },
    remarks: part.remarks.map(remarkOf),
    held: part.held,
  };
}

export function remarkOf({ code, detail, count }: PartRemark): Remark {
  return { code, detail, count, meaning: codes[code].meaning };
}

export function countStates(parts: readonly PartStatus[]): StateCounts {
  const counts = Object.fromEntries(partStates.map((state) => [state, 0])) as StateCounts;
  for (const { state } of parts) counts[state] += 1;
  return counts;
}
