import type { JobEvent } from "@shardmill/queue";
import { z } from "zod";

export const logLineSchema = z.object({
  at: z.iso.datetime(),
  kind: z.string(),
  step: z.string().nullable(),
  label: z.string().nullable(),
  range: z.string().nullable(),
  worker: z.string().nullable(),
  attempt: z.int().nullable(),
  text: z.string(),
});

/** One thing that happened to a job, as a line for people. */
export type LogLine = z.output<typeof logLineSchema>;

const words: Record<string, string> = {
  started: "began",
  parked: "is planned; its shards wait",
  completed: "ended",
  retrying: "failed and will be tried again",
  failed: "failed",
  handed_back: "was handed back",
  delayed: "waits",
  rate_limited: "waits: the source asks for a slower pace",
  cancelled: "was cancelled",
  lock_lost: "was lost by its worker",
  note: "noted",
};

/** Whoever hears an event makes the same line of it. */
export function logLineOf({ at, kind, step, label, range, worker, attempt, detail }: JobEvent): LogLine {
  return {
    at,
    kind,
    step,
    label,
    range,
    worker,
    attempt,
    text: `${words[kind] ?? kind}${detailText(detail)}`,
  };
}

/** A failure's message or a reason; results are numbers that the page has anyway. */
function detailText(detail: JobEvent["detail"]): string {
  if (typeof detail === "string") return `: ${detail.slice(0, 500)}`;
  if (typeof detail !== "object" || detail === null || Array.isArray(detail)) return "";
  const { message, code } = detail;
  const told = typeof code === "string" ? ` (${code})` : "";
  return typeof message === "string" ? `: ${message.slice(0, 500)}${told}` : "";
}
