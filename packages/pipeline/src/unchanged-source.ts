import { Failure, type PartPlan, partLabel } from "@shardmill/core";
import { isAsPlanned } from "./as-planned.ts";
import type { BuildContext } from "./context.ts";
import { contentsOf } from "./file-content.ts";
import { contentIdOf } from "./part-content.ts";

/**
 * Throws `source_changed` where the files of a part are no longer what its plan was made from: what has been read of them
 * may be of two files. Asked before a shard is committed and before a part is called done. Equal stamps are enough; files
 * with other ones (another machine's copy, a file that was touched) are looked into.
 */
export async function mustBeUnchanged(
  context: BuildContext,
  plan: PartPlan,
  range: number | null,
  signal: AbortSignal,
): Promise<void> {
  const { source } = context;
  if (source.look === undefined || plan.archive === "roots") return;
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
    if ((await contentIdOf(context, { archive, pieces: files }, signal)) !== plan.contentId)
      throw changed(context, plan, plan.pieces[0]?.path ?? "");
    return;
  }
  const contents = new Map(
    (await contentsOf(context, files, signal)).map((content, at) => [own.first + at, content]),
  );
  for await (const { position, name, at } of context.records.readPlannedMembers(plan, own.range, signal))
    if (at.content !== contents.get(position)) throw changed(context, plan, name);
}

function changed({ source, dataset }: BuildContext, plan: PartPlan, path: string): Failure {
  return new Failure(
    "source_changed",
    `${source.name}/${path} has changed since part ${partLabel(plan)} was planned`,
    {
      where: { dataset: dataset.name, part: partLabel(plan), path },
    },
  );
}
