/** docs/architecture.md says what each means; `queued` and `running` come from the queue, the others from the records. */
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
