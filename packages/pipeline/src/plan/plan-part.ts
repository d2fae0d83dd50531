import { archiveHeadBytes, readParquetLayout, sniffTar } from "@shardmill/archives";
import { columnsRead } from "@shardmill/catalogue";
import {
  countLines,
  Failure,
  keptOf,
  type LedgerLine,
  type PartId,
  type PartPlan,
  type PlannedMember,
  partLabel,
  piecesBytes,
  type Recipe,
  type Remark,
  readAll,
} from "@shardmill/core";
import { annotationIdentityOf } from "../annotations/annotation-identity.ts";
import { type Annotations, annotationsOf } from "../annotations/annotation-index.ts";
import { rowsAskedOf, rowsRemark } from "../annotations/rows-asked.ts";
import type { BuildContext } from "../context/build-context.ts";
import { openPart, type RecordedPart, recordedPart } from "../context/part-source.ts";
import { sourceKindOf } from "../context/source-places.ts";
import { checkInlineColumns } from "./check-inline-columns.ts";
import { cutGroups, cutRanges, cutRowRanges, withinRows } from "./cut-ranges.ts";
import { earlierIdOf } from "./earlier-parts.ts";
import { joinBeside } from "./join-beside.ts";
import { type Judged, judgeMembers, type Matches } from "./judge-members.ts";
import { oncePerQuestion } from "./once-per-question.ts";
import { contentIdOf } from "./part-content.ts";
import { planLinks } from "./plan-links.ts";
import { planShards } from "./plan-shards.ts";
import { type OnStep, type PlannedPart, planHead } from "./planned-part.ts";
import { digestOf, rowsDigest } from "./range-digest.ts";
import { type Directory, readDirectory } from "./read-directory.ts";

/**
 * Plans a part without writing anything: reads the archive's directory by range, joins members to annotations and cuts
 * the annotated ones into ranges. A stream-only part (tar.gz, or a tar that is not a local file) is planned open.
 */
export async function planPart(
  context: BuildContext,
  id: PartId,
  signal: AbortSignal,
  onStep: OnStep = () => undefined,
): Promise<PlannedPart> {
  const part = recordedPart(context, id);
  switch (part.archive) {
    case "zip":
      return planDirectory(context, part, signal, onStep);
    case "tar":
      return (await canBeIndexed(context, part, signal))
        ? planDirectory(context, part, signal, onStep)
        : planOpen(context, part, signal, onStep);
    case "images":
    case "roots":
      return planDirectory(context, part, signal, onStep);
    case "tar.gz":
      return planOpen(context, part, signal, onStep);
    case "parquet":
      return planRows(context, part, signal, onStep);
    case "urls":
    case "table":
      return planLinks(context, part, signal, onStep);
    case "shards":
      return planShards(context, part, signal);
    default:
      return part.archive satisfies never;
  }
}

/** A tar whose members can be reached by range: of a folder, and not packed, whatever its name says. */
async function canBeIndexed(
  context: BuildContext,
  part: RecordedPart,
  signal: AbortSignal,
): Promise<boolean> {
  const { build } = context;
  // Which records lie beside a member is seen as the tar passes.
  if (context.dataset.annotations.kind === "beside") return false;
  const isFolder = sourceKindOf(build, part.pieces[0]?.path ?? "") === "folder";
  if (!isFolder || build.recipe.media !== "video") return false;
  const bytes = openPart(context, part.pieces);
  const end = Math.min(archiveHeadBytes, bytes.sizeBytes);
  return sniffTar(await readAll(bytes, { start: 0, end }, signal)) !== "gzip";
}

async function planDirectory(
  context: BuildContext,
  part: RecordedPart,
  signal: AbortSignal,
  onStep: OnStep,
): Promise<PlannedPart> {
  const { dataset, build } = context;
  onStep({ step: "directory", done: 0, of: 0 });
  const { directory, annotations, index } = await readTogether(context, part, signal, onStep);
  const { listed, matches } = await joinedMembers(context, { part, directory, index }, signal);
  const earlier = await earlierIdOf(context, part, signal);
  const once = await oncePerQuestion(context, part, { listed, matches }, signal);
  const judged = cutShort(
    build.recipe,
    judgeMembers({ dataset, recipe: build.recipe }, listed, once, new Set()),
    directory.leftOut,
  );
  const spans = new Map(listed.map((member) => [member.position, member]));
  const ranges = cutRanges(
    dataset.name,
    part,
    judged.planned.map(({ position }) => spans.get(position) ?? { position, startByte: 0, endByte: 0 }),
    build.recipe.samplesPerShard,
  );
  const members: PlannedMember[][] = [];
  let from = 0;
  for (const range of ranges) {
    members.push(judged.planned.slice(from, from + range.members));
    from += range.members;
  }
  const digested = ranges.map((range) => ({ ...range, digest: digestOf(members[range.range] ?? []) }));
  const leftOut = judged.leftOut.sort((a, b) => a.position - b.position);
  const plan: PartPlan = {
    ...planHead(context, part, directory.contentId, annotations),
    ...(earlier !== null && { earlier }),
    open: false,
    ...judged.whole,
    members: judged.planned.length + leftOut.length,
    leftOut: countLines(leftOut),
    annotationsUsed: judged.annotationsUsed,
    ranges: digested,
    remarks: [...directory.remarks, ...emptyRemark(part, directory)],
  };
  return { plan, members, leftOut };
}

/** All that was judged, or of a small build what comes up to its last member; with what the directory alone rules out. */
function cutShort(recipe: Recipe, judged: Judged, ruledOut: readonly LedgerLine[]) {
  const { planned } = judged;
  const leftOut = [...ruledOut, ...judged.leftOut];
  if (recipe.only === undefined) return { ...judged, leftOut };
  const kept = planned.slice(0, keptOf(recipe, planned.length));
  const last = kept.at(-1)?.position ?? -1;
  const isWhole = kept.length === planned.length;
  return {
    planned: kept,
    leftOut: leftOut.filter(({ position }) => isWhole || position < last),
    annotationsUsed: kept.reduce((sum, { records }) => sum + records.length, 0),
    whole: { whole: planned.length },
  };
}

/** The members of a directory, each with its records: of the annotations' index, or of the files beside it. */
async function joinedMembers(
  context: BuildContext,
  { part, directory, index }: { part: RecordedPart; directory: Directory; index: Annotations["index"] },
  signal: AbortSignal,
): Promise<{ readonly listed: Directory["listed"]; readonly matches: readonly Matches[] }> {
  const { listed } = directory;
  if (context.dataset.annotations.kind === "beside") return joinBeside(context, part, listed, signal);
  const queries = listed.map(({ name }) => ({ subset: part.subset, name }));
  return { listed, matches: index === null ? [] : await index.lookup(queries, signal) };
}

/** A part without members is done at once, and looks like any other that is. */
function emptyRemark({ pieces }: RecordedPart, { listed, leftOut }: Directory): Remark[] {
  if (listed.length + leftOut.length > 0) return [];
  const [first] = pieces;
  return [{ code: "no_members", detail: `${first?.path ?? "it"}: ${piecesBytes(pieces)} bytes`, count: 1 }];
}

/** The members, and the annotations that say what they are called: for media of the user's roots both are one reading. */
async function readTogether(context: BuildContext, part: RecordedPart, signal: AbortSignal, onStep: OnStep) {
  const isNamedByRecords = part.archive === "roots";
  const before = isNamedByRecords ? await annotationIdentityOf(context, part.subset, signal) : null;
  const directory = await readDirectory(context, part, signal, onContent(part, onStep));
  const { identity, index } = await annotationsOf(context, part.subset, signal, (done, of) =>
    onStep({ step: "annotations", done, of }),
  );
  if (before !== null && before.id !== identity.id)
    throw new Failure("source_changed", `the annotations changed while part ${partLabel(part)} was planned`, {
      where: { dataset: context.dataset.name, part: partLabel(part) },
    });
  return { directory, annotations: identity, index };
}

async function planRows(
  context: BuildContext,
  part: RecordedPart,
  signal: AbortSignal,
  onStep: OnStep,
): Promise<PlannedPart> {
  const content = await contentIdOf(context, part, signal, onContent(part, onStep));
  const columns = columnsRead(context.dataset).all;
  const layout = await readParquetLayout(openPart(context, part.pieces), signal, columns);
  const asked = await rowsAskedOf(context, part, signal);
  const { samplesPerShard } = context.build.recipe;
  const within = asked === null ? layout.rowGroups : withinRows(layout.rowGroups, asked);
  const whole = within.reduce((sum, group) => sum + group.rows, 0);
  const first = within[0]?.firstRow ?? 0;
  const kept = keptOf(context.build.recipe, whole);
  const wanted = kept === whole ? within : withinRows(within, { first, end: first + kept });
  const groups = context.dataset.media === "none" ? cutGroups(wanted, samplesPerShard) : wanted;
  const rows = groups.reduce((sum, group) => sum + group.rows, 0);
  const ranges = cutRowRanges(context.dataset.name, part, groups, samplesPerShard);
  const plan: PartPlan = {
    ...planHead(context, part, content, await annotationIdentityOf(context, part.subset, signal)),
    open: false,
    ...(context.build.recipe.only === undefined ? {} : { whole }),
    members: rows,
    leftOut: countLines([]),
    annotationsUsed: rows,
    ranges: ranges.map((range) => ({ ...range, digest: rowsDigest(range.first, range.last) })),
    remarks: [
      ...checkInlineColumns(context, part.pieces, layout),
      ...rowsRemark(context.build.recipe, asked),
    ],
  };
  return { plan, members: [], leftOut: [] };
}

async function planOpen(
  context: BuildContext,
  part: RecordedPart,
  signal: AbortSignal,
  onStep: OnStep,
): Promise<PlannedPart> {
  if (context.build.recipe.only?.share !== undefined)
    throw new Failure(
      "wrong_use",
      `${part.pieces[0]?.path} is read as a stream, of which nobody knows a share; use --limit`,
      {
        where: { dataset: context.dataset.name, part: partLabel(part) },
      },
    );
  const content = await contentIdOf(context, part, signal, onContent(part, onStep));
  const { identity } = await annotationsOf(context, part.subset, signal, (done, of) =>
    onStep({ step: "annotations", done, of }),
  );
  const plan: PartPlan = {
    ...planHead(context, part, content, identity),
    open: true,
    members: null,
    leftOut: countLines([]),
    annotationsUsed: null,
    ranges: [],
  };
  return { plan, members: [], leftOut: [] };
}

/** Reading a part's bytes for their hash takes as long as the disk does: it is told as a step of planning. */
function onContent(part: RecordedPart, onStep: OnStep): (bytes: number) => void {
  const of = piecesBytes(part.pieces);
  let done = 0;
  return (bytes) => {
    done += bytes;
    onStep({ step: "content", done, of });
  };
}
