import { once } from "node:events";
import { Failure } from "@shardmill/core";
import { type LedgerRow, ledgerRows, writeParquet } from "@shardmill/pipeline";
import type { CommandContext } from "../context/command-context.ts";
import { openOutput } from "../output/open-output.ts";
import { checkResultFile, writeResultFile } from "../output/result-file.ts";
import { safeJson, safeLines } from "../text/clean-text.ts";
import { countText } from "../text/format.ts";
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
  group: "text",
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
    checkResultFile(file);
    const count = await writeParquet({ columns, rows }, file, signal).catch((error: unknown) => {
      // What is wrong with the ledger is a Failure by itself; the rest is the database's own word on the file.
      if (signal.aborted || error instanceof Failure || !(error instanceof Error)) throw error;
      throw new Failure("output_io", `writing ${file}: ${error.message.split("\n")[0]}`, { cause: error });
    });
    return console.note(`${file}: ${countText(count)} members`);
  }
  const lines = format === "csv" ? csvLines(rows) : jsonLines(rows);
  // Quotes keep a cell together for a program that reads it; a terminal would take what is in it for its own.
  const shown = process.stdout.isTTY && format === "csv" ? (line: string) => safeLines(line) : null;
  if (file === undefined) await writeLines(process.stdout, lines, shown);
  else {
    const count = await writeResultFile(file, lines, signal);
    console.note(`${file}: ${countText(count - (format === "csv" ? 1 : 0))} members`);
  }
}

async function* jsonLines(rows: AsyncIterable<LedgerRow>): AsyncGenerator<string> {
  for await (const row of rows) yield safeJson(JSON.stringify(row));
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

async function writeLines(
  stream: NodeJS.WritableStream,
  lines: AsyncIterable<string>,
  shown: ((line: string) => string) | null,
): Promise<void> {
  for await (const line of lines) {
    if (!stream.write(`${shown === null ? line : shown(line)}\n`)) await once(stream, "drain");
  }
}
