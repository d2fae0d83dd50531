import {
  type BuildRecord,
  type Code,
  isCode,
  isSelected,
  type PartSelector,
  parsePartSelectors,
  partLabel,
  retryableSampleCodes,
} from "@shardmill/core";
import { type BuildStatus, type RetryItem, selectRetry } from "@shardmill/pipeline";
import type { Records } from "@shardmill/store";
import type { z } from "zod";
import type { retrySelectionSchema } from "../contract/index.ts";
import { wrongUse } from "../secure/api-problem.ts";

type Selection = z.output<typeof retrySelectionSchema>;

/** What `shardmill retry` with the same selection would run. */
export function chooseRetry(
  records: Records,
  { build, status }: { readonly build: BuildRecord; readonly status: BuildStatus },
  selection: Selection,
  signal: AbortSignal,
): Promise<RetryItem[]> {
  switch (selection.kind) {
    case "missing":
    case "failed":
    case "stale":
      return selectRetry(records, status, { kind: selection.kind }, signal);
    case "parts":
      return selectRetry(records, status, { kind: "parts", parts: selectorsOf(selection.parts) }, signal);
    case "failed-samples": {
      const parts = selection.parts === undefined ? null : selectorsOf(selection.parts);
      return failedSamples(records, { build, status }, codesOf(selection.codes), parts);
    }
    default:
      return selection satisfies never;
  }
}

export function selectorsOf(text: string): PartSelector[] {
  const selectors = parsePartSelectors(text);
  if (selectors === null)
    throw wrongUse(`parts ${text}: expected numbers such as 0,72-74, or ai2d:0-3,vqav2`);
  return selectors;
}

function codesOf(named: readonly string[] | undefined): Code[] {
  if (named === undefined || named.length === 0) return retryableSampleCodes();
  return named.map((code) => {
    if (!isCode(code)) throw wrongUse(`${code} is no code of docs/codes.md`);
    return code;
  });
}

/**
 * The same list as selectRetry's, without its ledgers: a part's counts by code are the latest record of each member, so
 * they already say how many samples a retry would take. A test holds the two together.
 */
async function failedSamples(
  records: Records,
  { build, status }: { readonly build: BuildRecord; readonly status: BuildStatus },
  codes: readonly Code[],
  selectors: readonly PartSelector[] | null,
): Promise<RetryItem[]> {
  const hasDirectory = new Set(
    build.parts.filter(({ archive }) => archive === "zip" || archive === "parquet").map(partLabel),
  );
  const chosen = status.parts.flatMap((part) => {
    if (["running", "queued", "absent"].includes(part.state)) return [];
    if (selectors !== null && !isSelected(part, selectors)) return [];
    const failed = codes.reduce((sum, code) => sum + (part.byCode[code] ?? 0), 0);
    return failed > 0 ? [{ part, failed }] : [];
  });
  return Promise.all(
    chosen.map(async ({ part, failed }): Promise<RetryItem> => {
      // An archive with a directory is never planned open: two hundred plans need not be read to know it.
      const plan = hasDirectory.has(part.label) ? null : await records.readPlan(part);
      // A stream has no way in but its front.
      const share =
        plan?.open === true || part.members === null || part.members === 0 ? 1 : failed / part.members;
      return {
        part: { subset: part.subset, part: part.part },
        label: part.label,
        order: { kind: "failed-samples", codes: [...codes] },
        why: `${failed} samples failed`,
        shards: 1,
        samples: failed,
        bytes: Math.round(part.sourceBytes * share),
      };
    }),
  );
}
