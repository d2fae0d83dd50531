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
  /** Of a failure; lines of 0.2.0 have none. */
  code: z.string().nullable().default(null),
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
    code: codeOf(detail),
  };
}

/** A failure's, or why it waits. */
function codeOf(detail: JobEvent["detail"]): string | null {
  if (typeof detail !== "object" || detail === null || Array.isArray(detail)) return null;
  const code = detail.code ?? detail.why;
  return typeof code === "string" ? code.slice(0, 100) : null;
}

/** A failure's message or a reason; results are numbers that the page has anyway. */
function detailText(detail: JobEvent["detail"]): string {
  if (typeof detail === "string") return `: ${detail.slice(0, 500)}`;
  if (typeof detail !== "object" || detail === null || Array.isArray(detail)) return "";
  const { message, code } = detail;
  const told = typeof code === "string" ? ` (${code})` : "";
  return typeof message === "string" ? `: ${message.slice(0, 500)}${told}` : "";
}
