import { numbersProblem, type PartsAsked } from "@shardmill/core";
import { type RetrySelection, sampleCodesOf } from "@shardmill/pipeline";
import type { z } from "zod";
import type { retrySelectionSchema } from "../contract/index.ts";
import { wrongUse } from "../secure/api-problem.ts";

/** What a caller selects, as `shardmill retry` would read it. */
export function readSelection(selection: z.output<typeof retrySelectionSchema>): RetrySelection {
  const parts = selection.parts === undefined ? null : partsAsked(selection.parts);
  if (selection.kind === "missing") return { kind: selection.kind, parts, all: selection.all === true };
  // Which are damaged is known once they have been read.
  if (selection.kind === "corrupt") return { kind: selection.kind, shards: [], parts };
  if (selection.kind !== "failed-samples") return { kind: selection.kind, parts };
  return { kind: selection.kind, codes: sampleCodesOf(selection.codes ?? []), parts };
}

/** Read once the parts that exist are known. */
export function partsAsked(text: string): PartsAsked {
  const problem = numbersProblem(text);
  if (problem !== null) throw wrongUse(problem);
  return [{ list: "parts", text }];
}
