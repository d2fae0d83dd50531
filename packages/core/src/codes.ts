import type { CodeEntry } from "./code-entry.ts";
import { partCodes } from "./part-codes.ts";
import { sampleCodes } from "./sample-codes.ts";

/**
 * The one table of rejection and failure codes.
 *
 * kind `skipped`: the sample was left out on purpose, before any work (its absence is no fault of the run).
 * kind `failed`:  the sample was tried and could not be made.
 * kind `part`:    an attempt at a whole part, shard or build failed.
 * kind `note`:    worth recording, but no member is missing because of it.
 *
 * `retryable` says whether trying the same thing again may end differently. Codes are never reused.
 * docs/codes.md is compared with this table by a test, both ways.
 */
export const codes = { ...sampleCodes, ...partCodes } as const satisfies Record<string, CodeEntry>;

export type Code = keyof typeof codes;

export function isCode(text: string): text is Code {
  return Object.hasOwn(codes, text);
}

/** Codes of samples that `retry --failed-samples` takes when none is named. */
export function retryableSampleCodes(): Code[] {
  return (Object.keys(codes) as Code[]).filter(
    (code) => codes[code].kind === "failed" && codes[code].retryable,
  );
}
