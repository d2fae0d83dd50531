import { type BuildRecord, requireParts, type Toolchain } from "@shardmill/core";
import {
  type BuildStatus,
  composeAgain,
  type PartStatus,
  type RetryItem,
  type RetrySelection,
  refuseOtherForm,
  type Surroundings,
  selectRetry,
  staleAmong,
  type UnreadSubset,
  withAsked,
} from "@shardmill/pipeline";
import type { Records } from "@shardmill/store";
import { withRootParts } from "./order-root-parts.ts";

interface RetryOrder {
  readonly records: Records;
  /** As it is recorded. */
  readonly build: BuildRecord;
  readonly selection: RetrySelection;
  /** `isLook` where only the list is asked for. */
  readonly surroundings: Surroundings;
  readonly toolchain: (decoder: "libav" | "process") => Promise<Toolchain>;
  /** A folder that is read instead of the recorded source. */
  readonly sourceFolder: string | undefined;
  /** The source is looked at as it is now; a retry of what is stale always does. */
  readonly isLooking: boolean;
  /** By the records and the queue as they are now. */
  readonly statusOf: (build: BuildRecord) => Promise<BuildStatus>;
  /** Shards of these parts that do not pass verification. */
  readonly damagedOf: (labels: ReadonlySet<string>) => Promise<readonly string[]>;
  /** What asks the source or the user's folders, for as long as that may take. */
  readonly within: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
}

interface RetryChoice {
  /** To be recorded with the request. */
  readonly build: BuildRecord;
  readonly status: BuildStatus;
  readonly items: readonly RetryItem[];
  /** Stale parts that were asked for and are left alone. */
  readonly stale: readonly PartStatus[];
  readonly unread: readonly UnreadSubset[];
}

/** What a retry runs, or would: one way for command line, API and page, whether it is done or only listed. */
export async function chooseRetry(order: RetryOrder): Promise<RetryChoice> {
  refuseOtherForm(order.build);
  const { build, unread } = await lookFor(order);
  const status = await order.statusOf(build);
  const selection = await withDamaged(order, status);
  const items = selectRetry(status, selection);
  const parts = items.map(({ part }) => part);
  const asked = items.length === 0 ? build : withAsked(build, false, parts);
  return { build: asked, status, items, stale: staleAmong(status, selection), unread };
}

/**
 * The record that a selection is made from. What is stale is seen only by a look at the source as it is now; everything else goes
 * by the recorded revision. What is missing may lie in the user's own folders.
 */
async function lookFor(order: RetryOrder): ReturnType<typeof withRootParts> {
  const { records, build, selection, surroundings, toolchain, sourceFolder, within } = order;
  const isLooking = order.isLooking || selection.kind === "stale";
  const how = { toolchain, sourceFolder };
  const found = isLooking ? await within((signal) => composeAgain(build, how, surroundings, signal)) : build;
  if (selection.kind !== "missing") return { build: found, unread: [] };
  const listed = selection.all === true ? withAsked(found, true, []) : found;
  return within((signal) => withRootParts(records, listed, surroundings, signal));
}

/** Which shards are damaged is known once they have been read; those of parts that are at work are being written. */
async function withDamaged(
  { selection, damagedOf }: RetryOrder,
  status: BuildStatus,
): Promise<RetrySelection> {
  if (selection.kind !== "corrupt") return selection;
  const { dataset: name, subsetNames, parts } = status;
  const named = requireParts({ name, subsetNames }, parts, selection.parts);
  const idle = named.filter(({ state }) => state !== "running" && state !== "queued");
  return { ...selection, shards: await damagedOf(new Set(idle.map(({ label }) => label))) };
}
