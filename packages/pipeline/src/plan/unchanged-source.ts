import { Failure, type PartPlan, partLabel, placeOf } from "@shardmill/core";
import { z } from "zod";
import { annotationFilesOf, annotationIdentityOf } from "../annotations/annotation-identity.ts";
import { isAsPlanned } from "../books/as-planned.ts";
import type { BuildContext } from "../context/build-context.ts";
import { contentsOf } from "../context/file-content.ts";
import { rootFolder } from "../roots/find-root-file.ts";
import { rootContentsOf } from "../roots/root-content.ts";
import { collect } from "./collect.ts";
import { contentIdOf } from "./part-content.ts";

/**
 * Throws `source_changed` where the files of a part are no longer what its plan was made from: what has been read of them
 * may be of two files. Asked before a shard is committed and before a part is called done. Equal stamps are enough; files
 * with other ones (another machine's copy, a file that was touched) are looked into. The annotations count for the part as
 * a whole (`range` is null): a shard's records are those of its plan, whatever the files hold by now.
 */
export async function mustBeUnchanged(
  context: BuildContext,
  plan: PartPlan,
  range: number | null,
  signal: AbortSignal,
): Promise<void> {
  if (range === null) await mustBeSameAnnotations(context, plan, signal);
  if (plan.archive === "roots") return mustBeSameRoots(context, plan, range, signal);
  const source = placeOf(context.source, plan.pieces[0]);
  if (source.look === undefined) return;
  // Of files that lie one by one, only those that the shard is made of.
  const own = plan.archive === "images" && range !== null ? plan.ranges[range] : undefined;
  const pieces = own === undefined ? plan.pieces : plan.pieces.slice(own.first, own.last + 1);
  const files = [];
  for (const piece of pieces) {
    signal.throwIfAborted();
    const file = await source.look(piece.path);
    if (file?.sizeBytes !== piece.sizeBytes) throw changed(context, plan, piece.path);
    files.push(file);
  }
  const { archive } = plan;
  if (isAsPlanned({ archive, pieces: files }, { archive, pieces })) return;
  if (own === undefined) {
    if (
      (await contentIdOf(context, { archive, pieces: files, subset: plan.subset }, signal)) !== plan.contentId
    )
      throw changed(context, plan, plan.pieces[0]?.path ?? "");
    return;
  }
  const contents = new Map(
    (await contentsOf(context, files, signal)).map((content, at) => [own.first + at, content]),
  );
  for await (const { position, name, at } of context.records.readPlannedMembers(plan, own.range, signal))
    if (at.content !== contents.get(position)) throw changed(context, plan, name);
}

async function mustBeSameAnnotations(
  context: BuildContext,
  plan: PartPlan,
  signal: AbortSignal,
): Promise<void> {
  const { dataset, build } = context;
  const areRows = dataset.annotations.kind === "inline" && build.recipe.rows !== undefined;
  if (dataset.annotations.kind !== "files" && !areRows) return;
  const found = annotationFilesOf(context, plan.subset);
  const source = placeOf(context.source, areRows ? plan.pieces[0] : found[0]?.file);
  if (source.look === undefined) return;
  for (const { file } of found)
    if ((await source.look(file.path))?.sizeBytes !== file.sizeBytes) throw changed(context, plan, file.path);
  const { id, files } = await annotationIdentityOf(context, plan.subset, signal);
  if (id === plan.annotationsId) return;
  const planned = new Map(plan.annotationFiles?.map(({ path, content }) => [path, content]));
  const other = files.find(({ path, content }) => planned.get(path) !== content) ?? files[0];
  throw changed(context, plan, other?.path ?? "");
}

async function mustBeSameRoots(
  context: BuildContext,
  plan: PartPlan,
  range: number | null,
  signal: AbortSignal,
): Promise<void> {
  for (const own of plan.ranges) {
    if (range !== null && own.range !== range) continue;
    const members = await collect(context.records.readPlannedMembers(plan, own.range, signal));
    const places = members.map(({ at }) => placeSchema.parse(at));
    // A machine that only plans and ends parts need not have the folders.
    if (places.some(({ prefix }) => rootFolder(context.surroundings.roots, prefix) === undefined)) continue;
    const contents = await rootContentsOf(context, places, signal);
    for (const [at, { name, at: planned }] of members.entries())
      if (planned.content !== undefined && planned.content !== contents[at])
        throw changed(context, plan, name);
  }
}

const placeSchema = z.object({ prefix: z.string(), path: z.string(), isFolder: z.boolean() });

function changed({ source, dataset }: BuildContext, plan: PartPlan, path: string): Failure {
  return new Failure(
    "source_changed",
    `${source.name}/${path} has changed since part ${partLabel(plan)} was planned`,
    {
      where: { dataset: dataset.name, part: partLabel(plan), path },
    },
  );
}
