import { columnOf, type Dataset } from "@shardmill/core";
import { textColumns } from "./text-adapter.ts";
import { textAdapterOf } from "./text-adapters.ts";

/** What the samples of a dataset are made of, of all columns that its records may have. */
export interface ColumnsRead {
  /** The column that holds a row's media itself; none where media and records come apart. */
  readonly media: readonly string[];
  /** Of the text adapter: without each of these no sample has its text. */
  readonly text: readonly string[];
  /** Records may be without these: the stretch is the whole clip then, the question is answered in words. */
  readonly optional: readonly string[];
  /** Of the catalogue's `fields`, with their types: without one its key is null in every sample. */
  readonly fields: Readonly<Record<string, Dataset["fields"][string]["type"]>>;
  /** All of them. Other columns of a table need not be given at all, and may be of any kind. */
  readonly all: readonly string[];
}

export function columnsRead({
  annotations,
  text: rule,
  fields,
  bounds,
}: Pick<Dataset, "annotations" | "text" | "fields" | "bounds">): ColumnsRead {
  const { images, video } = annotations.kind === "inline" ? annotations : {};
  const media = [images, video].filter((column) => column !== undefined);
  const text = textColumns(textAdapterOf(rule), rule);
  const cut = bounds === undefined ? [] : [columnOf(bounds.start), columnOf(bounds.end)];
  // Of two keys made of one column the one that wants a number says what it holds.
  const typed = Object.values(fields).sort(
    (a, b) => Number(b.type === "string") - Number(a.type === "string"),
  );
  return {
    media,
    text: [...new Set(text.required)],
    optional: [...new Set([...text.lackable, ...cut])],
    fields: Object.fromEntries(typed.map(({ from, type }) => [columnOf(from), type])),
    all: [...new Set([...media, ...text.all, ...cut, ...typed.map(({ from }) => columnOf(from))])],
  };
}
