import {
  asOutput,
  type BuildRecord,
  type Dataset,
  Failure,
  type PartId,
  type PartsAsked,
  partLabel,
} from "@shardmill/core";
import type { Survey } from "@shardmill/pipeline";
import { openRecords, openStore } from "@shardmill/store";

/** How much of a dataset is tried. */
export interface TryOptions {
  readonly limit?: number;
  readonly sample?: number;
}

/** A small build: of fewer parts, of fewer of their members, under a name of its own. */
export interface SmallBuild {
  readonly dataset: Dataset;
  readonly parts: PartsAsked;
  readonly settings: readonly string[];
  /** Labels of the parts that the whole would be made of. */
  readonly labels: readonly string[];
}

/** Parts that a limit is spread over: each has a directory to be read. */
const triedParts = 4;

export function isTry({ limit, sample }: TryOptions): boolean {
  return limit !== undefined || sample !== undefined;
}

export function smallBuild(
  dataset: Dataset,
  survey: Pick<Survey, "selected" | "found">,
  { limit, sample, as }: TryOptions & { readonly as?: string },
): SmallBuild {
  if (limit !== undefined && sample !== undefined)
    throw new Failure("wrong_use", "give either --limit or --sample");
  const present = new Set(
    survey.found.parts.flatMap((part) => (part.kind === "present" ? [part.label] : [])),
  );
  const whole = survey.selected.filter((part) => present.has(partLabel(part)));
  const count = limit === undefined ? whole.length : Math.min(triedParts, limit, whole.length);
  const chosen = evenly(whole, count);
  const only = limit === undefined ? { share: sample } : { samples: Math.ceil(limit / Math.max(1, count)) };
  return {
    dataset: as === undefined ? asOutput(dataset, tryName(dataset.name)) : dataset,
    parts: chosen.map(({ subset, part }) => ({ subset, from: part, to: part })),
    settings: [onlySetting(only)],
    labels: whole.map(partLabel),
  };
}

function onlySetting({ share, samples }: NonNullable<BuildRecord["recipe"]["only"]>): string {
  return share === undefined ? `only.samples=${samples}` : `only.share=${share}`;
}

/** Whether a small build of another size lies under its name, which is that of whatever was tried last. */
export async function replacesTry(small: SmallBuild, outRoot: string): Promise<boolean> {
  const before = await openRecords(await openStore(outRoot), small.dataset.name).readBuild();
  const only = before?.recipe.only;
  return only !== undefined && !small.settings.includes(onlySetting(only));
}

export function tryName(name: string): string {
  return `${name}-try`;
}

/** `count` of them, from the first to the last. */
function evenly(parts: readonly PartId[], count: number): PartId[] {
  return Array.from(
    { length: count },
    (_, at) => parts[Math.floor(((at + 0.5) * parts.length) / count)],
  ).flatMap((part) => part ?? []);
}
