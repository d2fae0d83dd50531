import {
  type Code,
  codes,
  Failure,
  isCode,
  type PartId,
  type PartsAsked,
  partLabel,
  requireParts,
  retryableSampleCodes,
} from "@shardmill/core";
import type { BuildStatus, PartStatus } from "../books/read-status.ts";
import type { PartOrder } from "../plan/part-order.ts";

/** What to run again; `parts` narrows it to these, null means all. */
export type RetrySelection = {
  readonly parts: PartsAsked | null;
} /** Of the parts that were ever asked for; `all`: of the whole dataset. Parts that are named are meant in any case. */ & (
  | { readonly kind: "missing"; readonly all?: boolean }
  | { readonly kind: "failed" | "stale" }
  /** Whatever is not done. */
  | { readonly kind: "parts" }
  | { readonly kind: "failed-samples"; readonly codes: readonly Code[] }
  | { readonly kind: "corrupt"; readonly shards: readonly string[] }
);

/** A part that a retry will touch, why, and about how much there is to read. */
export interface RetryItem {
  readonly part: PartId;
  readonly label: string;
  readonly order: PartOrder;
  readonly why: string;
  /** Shards to make; null when the part has to be planned first. */
  readonly shards: number | null;
  readonly samples: number | null;
  /** Bytes to be read from the source, as far as the records tell. */
  readonly bytes: number;
}

/** The codes that a retry of failed samples is asked for; those that may end differently, when none is named. */
export function sampleCodesOf(words: readonly string[]): Code[] {
  if (words.length === 0) return retryableSampleCodes();
  return words.map((word) => {
    const code = word.trim();
    if (isCode(code) && codes[code].kind === "failed") return code;
    throw new Failure("wrong_use", `${code} is no code that a sample fails with; docs/codes.md lists them`);
  });
}

/** Exactly what a retry would run; nothing is started. Parts at work or absent are left alone. A part that does not exist is wrong_use. */
export function selectRetry(status: BuildStatus, selection: RetrySelection): RetryItem[] {
  const named = namedParts(status, selection);
  const left = ["running", "queued", "absent", ...(selection.kind === "stale" ? [] : ["stale"])];
  const idle = named.filter((part) => !left.includes(part.state));
  switch (selection.kind) {
    case "missing":
      return idle
        .filter((part) => selection.parts !== null || selection.all === true || part.isAsked)
        .filter((part) => ["missing", "partial"].includes(part.state) || lacksShards(part))
        .map(missingItem);
    case "failed":
      return idle.filter((part) => part.state === "failed").map(missingItem);
    case "stale":
      return idle
        .filter((part) => part.state === "stale")
        .map((part) =>
          item(part, { kind: "stale" }, { why: part.error?.detail ?? "the source or the recipe changed" }),
        );
    case "parts":
      return idle.filter((part) => part.state !== "done").map(missingItem);
    case "failed-samples":
      return supplementItems(idle, selection.codes);
    case "corrupt":
      return corruptItems(status.dataset, idle, selection.shards);
    default:
      return selection satisfies never;
  }
}

/**
 * Stale parts that a retry was asked for and does not touch, unless it is one of stale parts: whatever it made of them
 * would be of another source or recipe than the rest.
 */
export function staleAmong(status: BuildStatus, selection: RetrySelection): PartStatus[] {
  if (selection.kind === "stale") return [];
  const stale = namedParts(status, selection).filter((part) => part.state === "stale");
  return selection.kind === "corrupt"
    ? stale.filter((part) => ownOf(status.dataset, part, selection.shards).length > 0)
    : stale;
}

function namedParts({ dataset: name, subsetNames, parts }: BuildStatus, selection: RetrySelection) {
  return requireParts({ name, subsetNames }, parts, selection.parts);
}

/** A failed part whose ranges are not all committed is missing shards too. */
function lacksShards({ state, shards }: PartStatus): boolean {
  return state === "failed" && (shards.total === null || shards.done < shards.total);
}

function missingItem(part: PartStatus): RetryItem {
  const left = part.shards.total === null ? null : part.shards.total - part.shards.done;
  const why =
    left === null
      ? `${part.state}: not planned to its end`
      : `${part.state}: ${left} of ${part.shards.total} shards have no valid manifest`;
  return item(part, { kind: "missing" }, { why, shards: left });
}

function item(
  part: PartStatus,
  order: PartOrder,
  {
    why,
    shards = null,
    samples = null,
  }: Pick<RetryItem, "why"> & Partial<Pick<RetryItem, "shards" | "samples">>,
): RetryItem {
  return {
    part: { subset: part.subset, part: part.part },
    label: part.label,
    order,
    why,
    shards,
    samples,
    bytes: bytesOf(part, shards),
  };
}

/** About what is read for so many shards of a part. A stream has no way in but its front. */
export function bytesOf(
  { isStream, shards: { total }, sourceBytes }: PartStatus,
  shards: number | null,
): number {
  if (shards === null || total === null || total === 0) return sourceBytes;
  if (isStream) return shards === 0 ? 0 : sourceBytes;
  return Math.round((sourceBytes * shards) / total);
}

/**
 * A part's counts by code are the latest record of each member, supplements included, so that they say without a look
 * into the ledgers how many samples a retry would take.
 */
function supplementItems(parts: readonly PartStatus[], wanted: readonly Code[]): RetryItem[] {
  return parts.flatMap((part) => {
    const failed = wanted.reduce((sum, code) => sum + (part.byCode[code] ?? 0), 0);
    if (failed <= 0) return [];
    // A stream has no way in but its front.
    const share = part.isStream || part.members === null || part.members === 0 ? 1 : failed / part.members;
    const order: PartOrder = { kind: "failed-samples", codes: [...wanted] };
    const bytes = Math.round(part.sourceBytes * share);
    return [{ ...item(part, order, { why: `${failed} samples failed`, shards: 1, samples: failed }), bytes }];
  });
}

function ownOf(dataset: string, part: PartStatus, shards: readonly string[]): string[] {
  return shards.filter((shard) => shard.startsWith(`${dataset}-${partLabel(part)}-`));
}

function corruptItems(dataset: string, parts: readonly PartStatus[], shards: readonly string[]): RetryItem[] {
  const items: RetryItem[] = [];
  for (const part of parts) {
    const own = ownOf(dataset, part, shards);
    if (own.length === 0) continue;
    const why = `${own.length} shards did not pass verification`;
    items.push(item(part, { kind: "repair", shards: own }, { why, shards: own.length }));
  }
  return items;
}
