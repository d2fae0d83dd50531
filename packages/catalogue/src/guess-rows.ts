import { type FileIdentity, tableFormatOf } from "@shardmill/core";
import type { GuessedRule } from "./guess-parts.ts";
import { type Columns, clipNames, type GuessedRecords, imageNames } from "./guess-tables.ts";
import { findColumn, findText, guessText } from "./guess-text.ts";

/** Parquet whose rows are the samples, with what is looked at in a column. */
export function guessRows(
  files: readonly FileIdentity[],
  rules: readonly GuessedRule[],
  columns: Columns,
): GuessedRecords {
  const known = files.flatMap(({ path }) => (tableFormatOf(path) === "parquet" ? (columns[path] ?? []) : []));
  const images = findColumn(known, imageNames);
  const video = images === undefined ? findColumn(known, clipNames) : undefined;
  const column = video ?? images;
  const doubt =
    column === undefined
      ? "the records are taken to be in the parquet rows; name the column of images and the text adapter"
      : `the records are taken to be in the parquet rows, their ${video === undefined ? "pictures" : "clips"} in ${column}`;
  const isKnown = known.length > 0;
  const what =
    column === undefined
      ? "column of pictures or clips (images, image, video)"
      : "text (caption, text, conversations)";
  return {
    rules,
    draft: {
      media: mediaOfRows(video, known),
      annotations: { kind: "inline", ...(video === undefined ? { images: images ?? "images" } : { video }) },
      text: isKnown ? guessText(known) : { adapter: "conversations", conversations: "conversations" },
    },
    remarks: [doubt],
    lacks:
      column === undefined || findText(known) === null
        ? `the parquet files have no ${what}; ${isKnown ? `they have ${known.join(", ")}` : "none could be read"}`
        : undefined,
  };
}

function mediaOfRows(video: string | undefined, columns: readonly string[]): "video" | "images" | "pair" {
  if (video !== undefined) return "video";
  return findText(columns)?.adapter === "preference" ? "pair" : "images";
}
