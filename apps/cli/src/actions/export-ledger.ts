import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rename } from "node:fs/promises";
import { Failure } from "@shardmill/core";
import { type LedgerRow, ledgerRows, writeParquet } from "@shardmill/pipeline";
import type { CommandContext } from "../command-context.ts";
import { countText } from "../format.ts";
import { openOutput } from "../open-output.ts";
import { partsOf } from "./select-parts.ts";

export interface ExportLedgerOptions {
  readonly out: string;
  readonly format: "jsonl" | "csv" | "parquet";
  readonly file?: string;
  readonly part?: string;
}

const columns = {
  dataset: "text",
  part: "text",
  position: "integer",
  member: "text",
  outcome: "text",
  key: "text",
  code: "text",
  detail: "text",
  attempt: "integer",
  frames: "integer",
} as const;
const names = Object.keys(columns) as (keyof typeof columns)[];

export async function exportLedger(
  { console, signal }: CommandContext,
  dataset: string,
  { out, format, file, part }: ExportLedgerOptions,
): Promise<void> {
  const { records, build } = await openOutput(out, dataset);
  const parts = part === undefined ? null : partsOf(build, part);
  const rows = ledgerRows(records, parts, signal);
  if (format === "parquet") {
    if (file === undefined) throw new Failure("wrong_use", "parquet needs --file");
    const count = await writeParquet({ columns, rows }, file, signal);
    return console.note(`${file}: ${countText(count)} members`);
  }
  const lines = format === "csv" ? csvLines(rows) : jsonLines(rows);
  if (file === undefined) await writeLines(process.stdout, lines);
  else {
    const stream = createWriteStream(`${file}.partial`);
    const count = await writeLines(stream, lines);
    stream.end();
    await once(stream, "close");
    await rename(`${file}.partial`, file);
    console.note(`${file}: ${countText(count - (format === "csv" ? 1 : 0))} members`);
  }
}

async function* jsonLines(rows: AsyncIterable<LedgerRow>): AsyncGenerator<string> {
  for await (const row of rows) yield JSON.stringify(row);
}

async function* csvLines(rows: AsyncIterable<LedgerRow>): AsyncGenerator<string> {
  yield names.join(",");
  for await (const row of rows) yield names.map((name) => csvCell(row[name])).join(",");
}

/** RFC 4180; an empty cell is null. */
function csvCell(value: string | number | null): string {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function writeLines(stream: NodeJS.WritableStream, lines: AsyncIterable<string>): Promise<number> {
  let count = 0;
  for await (const line of lines) {
    count += 1;
    if (!stream.write(`${line}\n`)) await once(stream, "drain");
  }
  return count;
}
