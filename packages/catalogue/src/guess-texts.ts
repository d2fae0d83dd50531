import type { FileIdentity, TableFormat } from "@shardmill/core";
import { guessParts, guessTableParts } from "./guess-parts.ts";
import type { GuessedRecords } from "./guess-tables.ts";
import { findSpoken } from "./guess-text.ts";

export interface TextTable {
  readonly file: FileIdentity;
  readonly format: TableFormat;
  readonly columns: readonly string[];
}

/** Conversations or preference pairs with nothing to look at: the largest table that has them, and those of its format. */
export function guessTexts(tables: readonly TextTable[]): GuessedRecords | null {
  const [first] = tables.flatMap((table) => {
    const text = findSpoken(table.columns);
    return text === null ? [] : [{ ...table, text }];
  });
  if (first === undefined) return null;
  const { format, text } = first;
  const files = tables.filter((table) => table.format === format).map(({ file }) => file);
  return {
    rules: format === "parquet" ? guessParts(files) : guessTableParts(files),
    draft: {
      media: "none",
      annotations: format === "parquet" ? { kind: "inline" } : { kind: "rows", format },
      text,
      recipe: { samplesPerShard: 5_000 },
    },
    remarks: [
      `${first.file.path} has ${text.adapter === "preference" ? "preference pairs" : "conversations"} and names no media: a sample is a row of text (media: none)`,
    ],
  };
}
