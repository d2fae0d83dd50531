import { type Code, isSelected, type PartId, type PartSelector, partLabel } from "@shardmill/core";
import type { Records } from "@shardmill/store";
import { failedLines } from "./failed-lines.ts";
import type { PartOrder } from "./part-order.ts";
import type { BuildStatus, PartStatus } from "./read-status.ts";

export type RetrySelection =
  | { readonly kind: "missing" }
  | { readonly kind: "failed" }
  | { readonly kind: "stale" }
  | { readonly kind: "parts"; readonly parts: readonly PartSelector[] }
  | {
      readonly kind: "failed-samples";
      readonly codes: readonly Code[];
      readonly parts: readonly PartSelector[] | null;
    }
  | { readonly kind: "corrupt"; readonly shards: readonly string[] };

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

/** Exactly what a retry would run; nothing is started. Parts at work or absent are left alone. */
export async function selectRetry(
  records: Records,
  status: BuildStatus,
  selection: RetrySelection,
  signal: AbortSignal,
): Promise<RetryItem[]> {
  const idle = status.parts.filter((part) => !["running", "queued", "absent"].includes(part.state));
  switch (selection.kind) {
    case "missing":
      return idle
        .filter((part) => ["missing", "partial"].includes(part.state) || lacksShards(part))
        .map(missingItem);
    case "failed":
      return idle.filter((part) => part.state === "failed").map(missingItem);
    case "stale":
      return idle
        .filter((part) => part.state === "stale")
        .map((part) => item(part, { kind: "rebuild" }, "the source or the recipe changed"));
    case "parts":
      return idle
        .filter((part) => isSelected(part, selection.parts) && part.state !== "done")
        .map(missingItem);
    case "failed-samples":
      return supplementItems(records, idle, selection, signal);
    case "corrupt":
      return corruptItems(idle, selection.shards);
    default:
      return selection satisfies never;
  }
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
  return item(part, { kind: "missing" }, why, left);
}

function item(
  part: PartStatus,
  order: PartOrder,
  why: string,
  shards: number | null = null,
  samples: number | null = null,
): RetryItem {
  const share =
    shards === null || part.shards.total === null || part.shards.total === 0 ? 1 : shards / part.shards.total;
  return {
    part: { subset: part.subset, part: part.part },
    label: part.label,
    order,
    why,
    shards,
    samples,
    bytes: Math.round(part.sourceBytes * share),
  };
}

async function supplementItems(
  records: Records,
  parts: readonly PartStatus[],
  selection: Extract<RetrySelection, { kind: "failed-samples" }>,
  signal: AbortSignal,
): Promise<RetryItem[]> {
  const items: RetryItem[] = [];
  for (const part of parts) {
    if (selection.parts !== null && !isSelected(part, selection.parts)) continue;
    const planned = selection.codes.reduce((sum, code) => sum + (part.byCode[code] ?? 0), 0);
    if (planned === 0) continue;
    const lines = await failedLines({ records }, part, selection.codes, signal);
    if (lines.length === 0) continue;
    const plan = await records.readPlan(part);
    // A stream has no way in but its front.
    const share =
      plan?.open === true || part.members === null || part.members === 0 ? 1 : lines.length / part.members;
    items.push({
      ...item(
        part,
        { kind: "failed-samples", codes: [...selection.codes] },
        `${lines.length} samples failed`,
        1,
        lines.length,
      ),
      bytes: Math.round(part.sourceBytes * share),
    });
  }
  return items;
}

function corruptItems(parts: readonly PartStatus[], shards: readonly string[]): RetryItem[] {
  const items: RetryItem[] = [];
  for (const part of parts) {
    const own = shards.filter((shard) => shard.includes(`-${partLabel(part)}-`));
    if (own.length === 0) continue;
    items.push(
      item(
        part,
        { kind: "repair", shards: own },
        `${own.length} shards did not pass verification`,
        own.length,
      ),
    );
  }
  return items;
}
