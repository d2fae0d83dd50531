import type { TableFormat } from "./dataset.ts";

const formats: Readonly<Record<string, TableFormat>> = {
  csv: "csv",
  tsv: "csv",
  json: "json",
  jsonl: "jsonl",
  ndjson: "jsonl",
  parquet: "parquet",
};

/** What a table is by the extension of its name, in any case; null where it is none. */
export function tableFormatOf(path: string): TableFormat | null {
  const extension = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  return Object.hasOwn(formats, extension) ? (formats[extension] ?? null) : null;
}
