import { readParquetLayout, streamParquetRows, streamTarEntries } from "@shardmill/archives";
import { columnsRead } from "@shardmill/catalogue";
import {
  Failure,
  type PartPlan,
  type PlannedMember,
  partLabel,
  type RemarkBook,
  type StreamedMember,
  type TarEntry,
} from "@shardmill/core";
import { z } from "zod";
import type { BuildContext } from "../context/build-context.ts";
import { openPart } from "../context/part-source.ts";
import { RangeDigest } from "../plan/range-digest.ts";
import { judgedItems } from "./judged-items.ts";
import { rootFile } from "./root-file.ts";
import { sharedCuts } from "./shared-cuts.ts";
import { type LooseMember, sourceFile, streamFiles } from "./stream-files.ts";
import type { StreamItem } from "./stream-item.ts";
import { streamLinks } from "./stream-links.ts";
import { streamShards } from "./stream-shards.ts";
import { streamTexts } from "./stream-texts.ts";
import { streamZip } from "./stream-zip.ts";

const tarAddress = z.object({ dataOffset: z.int(), sizeBytes: z.int() });

/** Which members of a part are streamed, and who is told of it. */
interface Wanted {
  readonly context: BuildContext;
  readonly plan: PartPlan;
  readonly positions: ReadonlySet<number>;
  /** The members of a range that were read already. */
  readonly listed?: { readonly range: number; readonly members: readonly PlannedMember[] } | null;
  /** The shard that they are for. */
  readonly shard: string;
  /** Told of bytes that were read. */
  readonly onBytes: (bytes: number) => void;
  /** Told of what is found that costs no member. */
  readonly remarks: RemarkBook;
  /** Where a clip's bytes are put, which whoever takes the item gives back. */
  readonly room: ((bytes: number) => Buffer) | undefined;
  readonly signal: AbortSignal;
}

/** The members at these positions, in archive order, with their bytes. */
export function streamPositions(wanted: Wanted): AsyncIterable<StreamItem> {
  const { context, plan, positions, onBytes, signal } = wanted;
  if (plan.open)
    return judgedItems(context, plan, { want: (position) => positions.has(position), onBytes }, signal);
  if (plan.archive === "shards") return streamShards(wanted);
  return plan.archive === "parquet" ? streamRows(wanted) : streamPlanned(wanted);
}

/** One sequential read over the span of the planned members. */
async function* streamPlanned(wanted: Wanted): AsyncGenerator<StreamItem> {
  const members = await plannedAt(wanted);
  const planned = new Map(members.map((member) => [member.position, member]));
  for await (const member of streamMembers(wanted, members)) {
    const known = planned.get(member.position);
    if (known !== undefined) yield { kind: "work", planned: known, streamed: member };
  }
}

function streamMembers(
  { context, plan, shard, onBytes, room, signal }: Wanted,
  members: readonly PlannedMember[],
): AsyncIterable<StreamedMember> {
  const options = { maxBytes: context.build.recipe.limits.maxBytes, onBytes, room };
  switch (plan.archive) {
    case "images":
      return streamFiles(members, (member) => sourceFile(context, plan, member), options, signal);
    case "roots": {
      const cuts = sharedCuts(members);
      const open = (member: PlannedMember): LooseMember => {
        const own = cuts.get(member);
        // What is made of a list goes when nobody has it: the last of its members does.
        cuts.delete(member);
        return rootFile(context, member, own);
      };
      return streamFiles(members, open, options, signal);
    }
    case "urls":
      return streamLinks(context, { members, shard }, options, signal);
    case "table":
      return streamTexts(members);
    case "zip":
      return streamZip(context, { zip: openPart(context, plan.pieces), members }, options, signal);
    default:
      return streamTarEntries(openPart(context, plan.pieces), members.map(tarEntryOf), options, signal);
  }
}

async function plannedAt({ context, plan, positions, listed, signal }: Wanted): Promise<PlannedMember[]> {
  const members: PlannedMember[] = [];
  for (const { range, shard, first, last, digest } of plan.ranges) {
    if (![...positions].some((position) => position >= first && position <= last)) continue;
    const found = new RangeDigest();
    const known = listed?.range === range ? listed.members : null;
    for await (const member of known ?? context.records.readPlannedMembers(plan, range, signal)) {
      found.add(member);
      if (positions.has(member.position)) members.push(member);
    }
    // Another plan is being written in this one's place: its members are not those that were asked for.
    if (digest !== null && digest !== found.text())
      throw new Failure("record_invalid", `the members listed for ${shard} are not those of its plan`, {
        where: { dataset: plan.dataset, part: partLabel(plan), shard },
        retry: "later",
      });
  }
  return members;
}

function tarEntryOf({ position, name, at }: PlannedMember): TarEntry {
  return { position, name, ...tarAddress.parse(at) };
}

/** Rows of a parquet part, range by range; each brings its own record. */
async function* streamRows({
  context,
  plan,
  positions,
  onBytes,
  remarks,
  signal,
}: Wanted): AsyncGenerator<StreamItem> {
  const { annotations } = context.dataset;
  if (annotations.kind !== "inline") {
    throw new Failure(
      "annotations_invalid",
      "a parquet part needs annotations of kind inline in the catalogue",
      {
        where: { dataset: plan.dataset, part: partLabel(plan) },
      },
    );
  }
  const source = openPart(context, plan.pieces);
  const read = columnsRead(context.dataset).all;
  const layout = await readParquetLayout(source, signal, read);
  // A text column that is not there is an empty one; without the images' column there is nothing to make.
  const columns = read.filter((column) => layout.columns.includes(column));
  for (const range of plan.ranges) {
    const rows = [...positions].filter((row) => row >= range.first && row <= range.last);
    if (rows.length === 0) continue;
    const options = {
      firstRow: Math.min(...rows),
      lastRow: Math.max(...rows),
      columns,
      imagesField: annotations.images ?? null,
      videoField: annotations.video ?? null,
      maxBytes: context.build.recipe.limits.maxBytes,
      onBytes,
      onNotFinite: (column: string, row: number) => {
        if (positions.has(row))
          remarks.add("value_not_finite", `${source.name}: ${column} of row ${row}`, source.name);
      },
    };
    for await (const row of streamParquetRows(source, layout, options, signal)) {
      if (!positions.has(row.position)) continue;
      yield {
        kind: "work",
        planned: { position: row.position, name: row.name, at: {}, records: [] },
        streamed: row,
      };
    }
  }
}
