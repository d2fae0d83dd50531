/** decisions.md 11 */
export const partStates = [
  "absent",
  "missing",
  "queued",
  "running",
  "partial",
  "done",
  "failed",
  "stale",
] as const;
export type PartState = (typeof partStates)[number];
