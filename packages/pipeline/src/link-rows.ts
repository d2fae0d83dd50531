import { streamTable } from "@shardmill/annotations";
import { readParquetLayout, streamParquetRows } from "@shardmill/archives";
import { columnsRead } from "@shardmill/catalogue";
import { Failure, type PlannedMember, partLabel } from "@shardmill/core";
import type { BuildContext } from "./context.ts";
import { openPart, type RecordedPart } from "./part-source.ts";

/** Columns of a row that is not media are small; a parquet reader wants to be told how small. */
const maxRowBytes = 64 * 1024 * 1024;

/** The rows of a URL list as members, in file order: nothing of the web is asked for. */
export async function* linkRows(
  context: BuildContext,
  part: RecordedPart,
  signal: AbortSignal,
  onBytes: (bytes: number) => void = () => undefined,
): AsyncGenerator<PlannedMember> {
  const rule = linksRule(context);
  let position = 0;
  for await (const fields of tableRows(context, part, signal, onBytes)) {
    const url = fields[rule.url];
    const id = rule.id === undefined ? null : textOf(fields[rule.id]);
    yield {
      position,
      name: id ?? `row ${position}`,
      at: { url: typeof url === "string" ? url.trim() : "" },
      records: [{ set: "row", fields: { ...fields } }],
    };
    position += 1;
  }
}

export function linksRule({ dataset }: Pick<BuildContext, "dataset">) {
  const { annotations } = dataset;
  if (annotations.kind === "links") return annotations;
  throw new Failure("annotations_invalid", "a URL list needs annotations of kind links in the catalogue", {
    where: { dataset: dataset.name },
  });
}

async function* tableRows(
  context: BuildContext,
  part: RecordedPart,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Readonly<Record<string, unknown>>> {
  const { url, id, format } = linksRule(context);
  const required = id === undefined ? [url] : [url, id];
  const source = openPart(context, part.pieces);
  const [file] = part.pieces;
  if (file === undefined)
    throw new Failure("part_absent", `part ${partLabel(part)} has no table`, {
      where: { part: partLabel(part) },
    });
  if (format !== "parquet") {
    yield* streamTable({ file, source: counted(source, onBytes), format, required }, signal);
    return;
  }
  const wanted = new Set([...required, ...columnsRead(context.dataset)]);
  const layout = await readParquetLayout(source, signal, [...wanted]);
  const options = {
    firstRow: 0,
    lastRow: layout.rows - 1,
    columns: layout.columns.filter((column) => wanted.has(column)),
    imagesField: null,
    maxBytes: maxRowBytes,
    onBytes,
  };
  requireColumns(file.path, required, layout.columns);
  for await (const row of streamParquetRows(source, layout, options, signal))
    if (row.kind === "member" && row.content.kind === "images") yield row.content.record?.fields ?? {};
}

function requireColumns(path: string, required: readonly string[], found: readonly string[]): void {
  const lacking = required.filter((name) => !found.includes(name));
  if (lacking.length > 0)
    throw new Failure(
      "annotations_invalid",
      `${path}: expected columns ${required.join(", ")}; found ${found.join(", ")}; ${lacking.join(", ")} is lacking`,
      { where: { path } },
    );
}

type PartBytes = ReturnType<typeof openPart>;

function counted(source: PartBytes, onBytes: (bytes: number) => void): PartBytes {
  return {
    ...source,
    async *read(range, signal) {
      for await (const chunk of source.read(range, signal)) {
        onBytes(chunk.length);
        yield chunk;
      }
    },
  };
}

/** An id is a text or a number; anything else names nothing. */
function textOf(value: unknown): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
}
