import type { ReadColumns } from "@shardmill/annotations";
import { adapterColumns } from "@shardmill/catalogue";
import type { Dataset } from "@shardmill/core";

/** What the samples of a dataset are made of, of all columns that its records may have. */
export function readColumnsOf({ text, fields }: Dataset): ReadColumns {
  const all = Object.values(fields);
  // Of two keys made of one column the one that wants a number says what it holds.
  const typed = [...all].sort((a, b) => Number(b.type === "string") - Number(a.type === "string"));
  return {
    text: adapterColumns(text),
    fields: Object.fromEntries(typed.map(({ from, type }) => [from, type])),
  };
}
