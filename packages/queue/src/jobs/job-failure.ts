import { type Code, Failure, isCode, type Where } from "@shardmill/core";
import { z } from "zod";

/** How a job failed, as it is kept in Redis. `code` is null for a bug: an error that is no Failure. */
export interface JobFailure {
  readonly code: Code | null;
  readonly message: string;
  readonly where: Where;
}

const text = z.string().optional();
const storedSchema = z.object({
  code: z
    .string()
    .nullable()
    .transform((code) => (code !== null && isCode(code) ? code : null)),
  message: z.string(),
  where: z
    .object({ dataset: text, part: text, shard: text, member: text, path: text, url: text })
    .transform(
      (where): Where => Object.fromEntries(Object.entries(where).filter(([, v]) => v !== undefined)),
    ),
});

const messageLimit = 2_000;

export function jobFailureOf(error: unknown): JobFailure {
  if (error instanceof Failure) {
    return { code: error.code, message: error.message.slice(0, messageLimit), where: error.where };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: null, message: message.slice(0, messageLimit), where: {} };
}

export function jobFailureText(failure: JobFailure): string {
  return JSON.stringify(failure);
}

/** A reason that is not ours was written by BullMQ itself, and it writes only one: the job stalled too often. */
export function parseJobFailure(text: string): JobFailure {
  try {
    return storedSchema.parse(JSON.parse(text));
  } catch {
    return { code: "worker_lost", message: text.slice(0, messageLimit), where: {} };
  }
}
