import { classifyMedia } from "@shardmill/catalogue";
import { Failure, type PartId, partLabel } from "@shardmill/core";
import { annotationIndexOf } from "./annotation-index.ts";
import type { BuildContext } from "./context.ts";
import { findRootFile, type RootFile } from "./find-root-file.ts";
import { gatherMediaFacts } from "./media-facts.ts";
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
): Promise<RootMedia[]> {
  const found: RootMedia[] = [];
  for await (const media of rootMediaOf(context, part.subset, signal))
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

/** Of all root parts of a subset. Nothing while the subset has parts that were not read to their end. */
export async function* rootMediaOf(
  context: BuildContext,
  subset: string | null,
  signal: AbortSignal,
): AsyncGenerator<RootMedia> {
  const { dataset, surroundings } = context;
  const roots = surroundings.roots ?? {};
  if (Object.keys(roots).length === 0) return;
  const facts = await gatherMediaFacts(context, signal);
  if (facts.partsOf(subset) === "unread") return;
  const index = await annotationIndexOf(context, subset, signal);
  if (index === null) return;
  const seen = new Set<string>();
  const counts = new Map<string, number>();
  for await (const { media } of index.records(signal)) {
    if (media === "" || seen.has(media)) continue;
    seen.add(media);
    const { place, prefix } = classifyMedia(dataset, { subset, media }, facts);
    const position = counts.get(prefix) ?? 0;
    counts.set(prefix, position + 1);
    if (place === "hosted") continue;
    const file = findRootFile(roots, media);
    if (file !== null) yield { part: rootPartOf(dataset, subset, prefix), position, media, file };
  }
}
