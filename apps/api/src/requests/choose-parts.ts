import { type Dataset, type PartId, partLabel, piecesBytes } from "@shardmill/core";
import type { BuildStatus, PartStatus, RetryItem, Survey } from "@shardmill/pipeline";

export interface Choice {
  readonly items: readonly RetryItem[];
  /** Done, at work or absent. */
  readonly leftAlone: number;
  /** Of another source or recipe than there is now: what would be added to them would not fit what stands. */
  readonly stale: readonly PartStatus[];
}

/**
 * The parts of a build request that have something to be made. What is done, queued or running is left alone, so that
 * the same request twice is one build.
 */
export function chooseParts(
  survey: Pick<Survey, "found" | "selected" | "recipe">,
  status: BuildStatus | null,
  dataset: Dataset,
  isRebuild: boolean,
): Choice {
  const known = new Map((status?.parts ?? []).map((part) => [part.label, part]));
  const items: RetryItem[] = [];
  const stale: PartStatus[] = [];
  for (const id of survey.selected) {
    const label = partLabel(id);
    const listed = survey.found.parts.find((part) => part.subset === id.subset && part.part === id.part);
    if (listed?.kind !== "present") continue;
    const part = known.get(label);
    if (part !== undefined && ["done", "queued", "running"].includes(part.state)) continue;
    if (part?.state === "stale" && !isRebuild) {
      stale.push(part);
      continue;
    }
    const bytes = piecesBytes(listed.pieces);
    items.push(
      part === undefined ? newItem(id, bytes, dataset, survey.recipe) : itemOf(id, part, bytes, isRebuild),
    );
  }
  return { items, leftAlone: survey.selected.length - items.length - stale.length, stale };
}

function itemOf(id: PartId, part: PartStatus, bytes: number, isRebuild: boolean): RetryItem {
  const common = { part: { subset: id.subset, part: id.part }, label: part.label, samples: null };
  if (part.state === "stale" && isRebuild) {
    const why = "stale: the source or the recipe changed; what stands is replaced";
    return { ...common, order: { kind: "rebuild" }, why, shards: null, bytes };
  }
  const { done, total } = part.shards;
  if (total === null) {
    return {
      ...common,
      order: { kind: "missing" },
      why: `${part.state}: not planned to its end`,
      shards: null,
      bytes,
    };
  }
  const why = `${part.state}: ${total - done} of ${total} shards have no valid manifest`;
  const share = total === 0 ? 1 : (total - done) / total;
  return {
    ...common,
    order: { kind: "missing" },
    why,
    shards: total - done,
    bytes: Math.round(bytes * share),
  };
}

/** Of a part that nobody has planned there are estimates at most: its directory has not been read. */
function newItem(id: PartId, bytes: number, dataset: Dataset, recipe: Survey["recipe"]): RetryItem {
  const { membersPerPart, annotatedShare } = dataset.expected;
  const samples = membersPerPart === undefined ? null : Math.round(membersPerPart * annotatedShare);
  return {
    part: { subset: id.subset, part: id.part },
    label: partLabel(id),
    order: { kind: "missing" },
    why: samples === null ? "missing: not planned yet" : "missing: not planned yet; figures are estimates",
    shards: samples === null ? null : Math.ceil(samples / recipe.samplesPerShard),
    samples,
    bytes,
  };
}
