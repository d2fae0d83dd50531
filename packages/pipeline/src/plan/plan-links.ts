import {
  countLines,
  Failure,
  keptOf,
  type PartPlan,
  type PlannedMember,
  partLabel,
  RemarkBook,
} from "@shardmill/core";
import { annotationIdentityOf } from "../annotations/annotation-identity.ts";
import { linkRows } from "../annotations/link-rows.ts";
import type { BuildContext } from "../context/build-context.ts";
import type { RecordedPart } from "../context/part-source.ts";
import { cutRowRanges } from "./cut-ranges.ts";
import { contentIdOf } from "./part-content.ts";
import { type OnStep, type PlannedPart, planHead } from "./planned-part.ts";
import { RangeDigest } from "./range-digest.ts";

/**
 * Plans a URL list: its rows are counted and digested, and cut into ranges by their number. The rows themselves go into
 * the plan only when it is written, range by range, so that a table of millions is never in memory.
 */
export async function planLinks(
  context: BuildContext,
  part: RecordedPart,
  signal: AbortSignal,
  onStep: OnStep,
): Promise<PlannedPart> {
  const content = await contentIdOf(context, part, signal);
  const remarks = new RemarkBook();
  const { only } = context.build.recipe;
  const whole = only === undefined ? Number.POSITIVE_INFINITY : await countRows(context, part, signal);
  const kept = keptOf(context.build.recipe, whole);
  const { rows, digests } = await digestRows(context, part, { remarks, onStep, kept }, signal);
  const { samplesPerShard } = context.build.recipe;
  const runs = Array.from({ length: Math.ceil(rows / samplesPerShard) }, (_, range) => {
    const firstRow = range * samplesPerShard;
    return { firstRow, rows: Math.min(samplesPerShard, rows - firstRow), startByte: 0, endByte: 0 };
  });
  const plan: PartPlan = {
    ...planHead(context, part, content, await annotationIdentityOf(context, part.subset, signal)),
    open: false,
    ...(only === undefined ? {} : { whole }),
    members: rows,
    leftOut: countLines([]),
    annotationsUsed: rows,
    ranges: cutRowRanges(context.dataset.name, part, runs, samplesPerShard).map((range) => ({
      ...range,
      digest: digests[range.range] ?? null,
    })),
    // A row that cannot be read is a member with a line of its own.
    remarks: remarks.list().filter(({ code }) => code !== "annotation_invalid"),
  };
  return { plan, members: rangesOf(context, part, rows, signal), leftOut: [] };
}

async function countRows(context: BuildContext, part: RecordedPart, signal: AbortSignal): Promise<number> {
  let rows = 0;
  for await (const _ of linkRows(context, part, signal)) rows += 1;
  return rows;
}

/** Every row has to be seen: for what its range is made of, and for what is wrong with it. */
async function digestRows(
  context: BuildContext,
  part: RecordedPart,
  { remarks, onStep, kept }: { readonly remarks: RemarkBook; readonly onStep: OnStep; readonly kept: number },
  signal: AbortSignal,
): Promise<{ readonly rows: number; readonly digests: readonly string[] }> {
  const { samplesPerShard } = context.build.recipe;
  const of = part.pieces.reduce((sum, piece) => sum + piece.sizeBytes, 0);
  const digests: string[] = [];
  let digest = new RangeDigest();
  let done = 0;
  let rows = 0;
  const onBytes = (bytes: number): void => {
    done += bytes;
    onStep({ step: "table", done, of });
  };
  for await (const member of linkRows(context, part, signal, { onBytes, remarks })) {
    digest.add(member);
    rows += 1;
    if (rows % samplesPerShard === 0) {
      digests.push(digest.text());
      digest = new RangeDigest();
    }
    if (rows === kept) break;
  }
  if (rows % samplesPerShard !== 0) digests.push(digest.text());
  return { rows, digests };
}

/** The members of each range, read when they are written down. */
async function* rangesOf(
  context: BuildContext,
  part: RecordedPart,
  rows: number,
  signal: AbortSignal,
): AsyncGenerator<PlannedMember[]> {
  const { samplesPerShard } = context.build.recipe;
  let members: PlannedMember[] = [];
  let seen = 0;
  for await (const member of linkRows(context, part, signal)) {
    if (seen === rows && context.build.recipe.only !== undefined) break;
    members.push(member);
    seen += 1;
    if (members.length < samplesPerShard) continue;
    yield members;
    members = [];
  }
  if (members.length > 0) yield members;
  if (seen !== rows)
    throw new Failure("source_changed", `part ${partLabel(part)} had ${rows} rows and has ${seen} now`, {
      where: { part: partLabel(part) },
    });
}
