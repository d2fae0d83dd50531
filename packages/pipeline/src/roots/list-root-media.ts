import { classifyMedia, type MediaFacts } from "@shardmill/catalogue";
import { Failure, type PartId, partLabel } from "@shardmill/core";
import { annotationIndexOf } from "../annotations/annotation-index.ts";
import { besideSets } from "../annotations/texts-beside.ts";
import type { BuildContext } from "../context/build-context.ts";
import { findRootFile, type RootFile } from "./find-root-file.ts";
import { type GatheredFacts, gatherMediaFacts } from "./media-facts.ts";
import { readRootCuts } from "./root-cuts.ts";
import { rootPartOf } from "./root-numbers.ts";

export interface RootMedia {
  readonly part: PartId;
  /** Among all media of its part that records name, there or not: a file that comes later moves no other. */
  readonly position: number;
  readonly media: string;
  readonly file: RootFile;
}

/** The members of one root part: media that records name, that no part of the source holds, and that a root has. */
export async function listRootMedia(
  context: BuildContext,
  part: PartId,
  signal: AbortSignal,
  facts?: GatheredFacts,
): Promise<RootMedia[]> {
  const found: RootMedia[] = [];
  const known = facts ?? (hasRoots(context) ? await gatherMediaFacts(context, signal) : null);
  for await (const media of known === null ? [] : rootMediaOf(context, part.subset, known, signal))
    if (media.part.part === part.part) found.push(media);
  if (found.length > 0) return found;
  // A machine whose config lacks the root must not make an empty part of it.
  throw new Failure(
    "part_absent",
    `no root of this machine's config holds media of part ${partLabel(part)}`,
    {
      where: { part: partLabel(part) },
    },
  );
}

export function hasRoots({ surroundings }: Pick<BuildContext, "surroundings">): boolean {
  return Object.keys(surroundings.roots ?? {}).length > 0;
}

/** Of all root parts of a subset. Nothing while the subset has parts that were not read to their end. */
export async function* rootMediaOf(
  context: BuildContext,
  subset: string | null,
  facts: MediaFacts,
  signal: AbortSignal,
): AsyncGenerator<RootMedia> {
  const { dataset, surroundings } = context;
  const roots = surroundings.roots ?? {};
  if (facts.partsOf(subset) === "unread") return;
  const index = await annotationIndexOf(context, subset, signal);
  if (index === null) return;
  const cuts = await readRootCuts(roots, signal);
  const seen = new Set<string>();
  const counts = new Map<string, number>();
  const beside = besideSets(dataset);
  for await (const { media, record } of index.records(signal)) {
    if (media === "" || seen.has(media) || beside.has(record.set)) continue;
    seen.add(media);
    const { place, prefix } = classifyMedia(dataset, { subset, media }, facts);
    const position = counts.get(prefix) ?? 0;
    counts.set(prefix, position + 1);
    if (place === "hosted") continue;
    const file = findRootFile(roots, media, cuts);
    if (file !== null) yield { part: rootPartOf(dataset, subset, prefix), position, media, file };
  }
}
