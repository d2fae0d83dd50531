import { checkReadColumns, streamTable, type TableRecord, type TableRow } from "@shardmill/annotations";
import { columnsRead, rowsName } from "@shardmill/catalogue";
import { Failure, type PlannedMember, partLabel, type RemarkBook } from "@shardmill/core";
import type { BuildContext } from "../context/build-context.ts";
import { openPart, type RecordedPart } from "../context/part-source.ts";
import { recordRead } from "./record-read.ts";

/** What is found in a table besides its rows. */
export interface LinkFinds {
  /** Filled at the end of the list; without it, too many bad rows are borne (they were judged when it was planned). */
  readonly remarks?: RemarkBook;
  readonly onBytes?: (bytes: number) => void;
}

/**
 * The rows of a table as members, in file order: of a URL list nothing of the web is asked for. A row that cannot be read is a member
 * like any other, left out when its turn comes: `at.problem` says why.
 */
export async function* linkRows(
  context: BuildContext,
  part: RecordedPart,
  signal: AbortSignal,
  finds: LinkFinds = {},
): AsyncGenerator<PlannedMember> {
  const rule = rowsRule(context);
  const read = recordRead(context.dataset);
  const rows = rowsName(context.dataset, part.pieces[0]?.path ?? "");
  let position = 0;
  for await (const row of tableRows(context, part, signal, finds)) {
    yield row.kind === "bad"
      ? brokenMember(position, `${row.place}: ${row.detail}`)
      : rowMember({ position, rows }, row, rule, read);
    position += 1;
  }
}

function rowMember(
  { position, rows }: { readonly position: number; readonly rows: string },
  { fields, place }: TableRecord,
  rule: RowsRule,
  read: ReturnType<typeof recordRead>,
): PlannedMember {
  const url = rule.kind === "links" ? fields[rule.url] : undefined;
  const id = rule.id === undefined ? null : idOf(fields[rule.id]);
  if (id === undefined)
    return brokenMember(position, `${place}: its ${rule.id} is neither a text nor a number`);
  return {
    position,
    name: id ?? `row ${position}`,
    at: {
      ...(rule.kind === "links" ? { url: typeof url === "string" ? url.trim() : "" } : {}),
      // The same number stands in every other table.
      ...(id === null ? { videoId: `${rows}-${position}` } : {}),
    },
    records: [read({ set: "row", fields })],
  };
}

function brokenMember(position: number, problem: string): PlannedMember {
  return { position, name: `row ${position}`, at: { url: "", problem }, records: [] };
}

type RowsRule = Extract<BuildContext["dataset"]["annotations"], { kind: "links" | "rows" }>;

function rowsRule({ dataset }: Pick<BuildContext, "dataset">): RowsRule {
  const { annotations } = dataset;
  if (annotations.kind === "links" || annotations.kind === "rows") return annotations;
  throw new Failure(
    "annotations_invalid",
    "a table needs annotations of kind links or rows in the catalogue",
    {
      where: { dataset: dataset.name },
    },
  );
}

async function* tableRows(
  context: BuildContext,
  part: RecordedPart,
  signal: AbortSignal,
  { remarks, onBytes }: LinkFinds,
): AsyncGenerator<TableRow> {
  const { id, format, maxBadRecords, ...rule } = rowsRule(context);
  const url = rule.kind === "links" ? [rule.url] : [];
  const source = openPart(context, part.pieces);
  const [file] = part.pieces;
  if (file === undefined)
    throw new Failure("part_absent", `part ${partLabel(part)} has no table`, {
      where: { part: partLabel(part) },
    });
  const reads = columnsRead(context.dataset);
  const numbers = Object.entries(reads.fields).flatMap(([name, type]) => (type === "string" ? [] : [name]));
  let seen: ReadonlySet<string> = new Set();
  let records = 0;
  yield* streamTable(
    {
      file,
      source,
      format,
      required: id === undefined ? url : [...url, id],
      columns: reads.all,
      numbers,
      maxBadRecords,
      remarks,
      onBytes,
      onEnd: (audit) => {
        seen = audit.columns;
        records = audit.records;
      },
    },
    signal,
  );
  if (remarks !== undefined) checkReadColumns(reads, [{ path: file.path, columns: seen, records }], remarks);
}

/** An id is a text or a number: null where the row has none, undefined where it has anything else. */
function idOf(value: unknown): string | null | undefined {
  if (value === null || value === undefined) return null;
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (typeof value !== "string") return undefined;
  return value.trim() === "" ? null : value.trim();
}
