import type { PartState } from "@shardmill/api/contract";

/** A state is told by its colour, its sign and its name: any one of them is enough. */
export const stateLook: Readonly<Record<PartState, { readonly sign: string; readonly meaning: string }>> = {
  done: { sign: "✓", meaning: "all shards committed, books balance" },
  running: { sign: "▸", meaning: "a worker is at it" },
  queued: { sign: "…", meaning: "waits for a worker" },
  partial: { sign: "◐", meaning: "some shards committed, nothing at work" },
  missing: { sign: "○", meaning: "at the source, not built" },
  failed: { sign: "✕", meaning: "planning failed, or the books do not balance" },
  stale: { sign: "≠", meaning: "made from another recipe or content" },
  absent: { sign: "–", meaning: "the source does not have it" },
};

/** In the order in which a part lives. */
export const stateOrder: readonly PartState[] = [
  "done",
  "running",
  "queued",
  "partial",
  "missing",
  "stale",
  "failed",
  "absent",
];
