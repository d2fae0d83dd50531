import { type BuildRecord, expectedMembers, type PartId, partLabel } from "@shardmill/core";
import {
  type Books,
  bytesOf,
  type PartStatus,
  type QueueView,
  type RetryItem,
  statusOf,
} from "@shardmill/pipeline";

interface Choice {
  /** What of the parts asked for is to be made, and why. */
  readonly items: readonly RetryItem[];
  /** Done elsewhere: made here only when a rebuild is asked for. */
  readonly adopted: readonly PartId[];
  /** Of another source or recipe than there is now: what would be added to them would not fit what stands. */
  readonly stale: readonly PartStatus[];
  /** Done, at work or absent; adopted ones too. */
  readonly leftAlone: number;
}

/**
 * The parts of a build request that have something to be made, by the records and the queue. What is done, queued or
 * running is left alone, so that the same request twice is one build.
 */
export function chooseParts(build: BuildRecord, books: Books, queue: QueueView, isRebuild: boolean): Choice {
  const parts = new Map(statusOf(build, books, queue).parts.map((part) => [part.label, part]));
  const ended = new Set(books.ends.filter(({ state }) => state === "done").map(partLabel));
  const asked = build.selected.flatMap((id) => parts.get(partLabel(id)) ?? []);
  const idle = asked.filter(({ state }) => !["absent", "queued", "running"].includes(state));
  const adopted = isRebuild ? [] : idle.filter((part) => part.isAdopted);
  // A part that has all its shards and no end yet was stopped between the two: its books are to be balanced.
  const open = idle.filter(
    (part) => isRebuild || !(part.isAdopted || (part.state === "done" && ended.has(part.label))),
  );
  const stale = isRebuild ? [] : open.filter(({ state }) => state === "stale");
  const items = open
    .filter((part) => !stale.includes(part))
    .map((part) => (isRebuild ? rebuildItem(part) : itemOf(part, build)));
  const leftAlone = build.selected.length - items.length - stale.length;
  return { items, adopted: adopted.map(idOf), stale, leftAlone };
}

function idOf({ subset, part }: PartId): PartId {
  return { subset, part };
}

function rebuildItem(part: PartStatus): RetryItem {
  const why =
    part.state === "stale"
      ? "stale: the source or the recipe changed; what stands is replaced"
      : `${part.state}: what stands is replaced`;
  return {
    part: idOf(part),
    label: part.label,
    order: { kind: "rebuild" },
    why,
    shards: null,
    samples: null,
    bytes: part.sourceBytes,
  };
}

function itemOf(part: PartStatus, build: BuildRecord): RetryItem {
  const { done, total } = part.shards;
  const common = { part: idOf(part), label: part.label, order: { kind: "missing" as const } };
  if (total === null) return { ...common, ...estimateOf(part, build) };
  return {
    ...common,
    why:
      total === done
        ? `${part.state}: all its shards are there, and its books are to be balanced`
        : `${part.state}: ${total - done} of ${total} shards have no valid manifest`,
    shards: total - done,
    samples: null,
    bytes: bytesOf(part, total - done),
  };
}

/** Of a part that nobody has planned there are estimates at most. */
function estimateOf(
  { state, isStream, sourceBytes: bytes }: PartStatus,
  { dataset, recipe }: BuildRecord,
): Pick<RetryItem, "why" | "shards" | "samples" | "bytes"> {
  const { annotatedShare } = dataset.expected;
  const members = expectedMembers(dataset, bytes);
  if (isStream) return { why: `${state}: not planned to its end`, shards: null, samples: null, bytes };
  if (members === null) return { why: `${state}: not planned yet`, shards: null, samples: null, bytes };
  const samples = Math.round(members * annotatedShare);
  const shards = Math.ceil(samples / recipe.samplesPerShard);
  return { why: `${state}: not planned yet; figures are estimates`, shards, samples, bytes };
}
