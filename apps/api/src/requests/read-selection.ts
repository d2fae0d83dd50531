import { type PartSelector, parsePartSelectors } from "@shardmill/core";
import { type RetrySelection, sampleCodesOf } from "@shardmill/pipeline";
import type { z } from "zod";
import type { retrySelectionSchema } from "../contract/index.ts";
import { wrongUse } from "../secure/api-problem.ts";

/** What a caller selects, as `shardmill retry` would read it. */
export function readSelection(selection: z.output<typeof retrySelectionSchema>): RetrySelection {
  const parts = selection.parts === undefined ? null : selectorsOf(selection.parts);
  if (selection.kind !== "failed-samples") return { kind: selection.kind, parts };
  return { kind: selection.kind, codes: sampleCodesOf(selection.codes ?? []), parts };
}

export function selectorsOf(text: string): PartSelector[] {
  const selectors = parsePartSelectors(text);
  if (selectors === null)
    throw wrongUse(`parts ${text}: expected numbers such as 0,72-74, or ai2d:0-3,vqav2`);
  return selectors;
}
