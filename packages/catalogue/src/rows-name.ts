import { basename, type Dataset, pathInPlace, stem } from "@shardmill/core";
import { placeholdersOf } from "./path-pattern.ts";

/**
 * What the rows of a table are called before their number, so that `<this>-<row>` names one row of the whole dataset: the
 * file's name without its extension, with the folders before it where those are what tells two files apart
 * (`{part}/data.parquet`). A subset need not be told by a sample whose `source` tells it.
 */
export function rowsName(
  dataset: Pick<Dataset, "parts" | "sourceName"> & Partial<Pick<Dataset, "annotations">>,
  listed: string,
): string {
  const path = pathInPlace(dataset, listed);
  const told = placeholdersOf(dataset.sourceName);
  const isToldByName = dataset.parts.every((rule) => {
    const inName = placeholdersOf(basename(rule.path));
    return placeholdersOf(rule.path).every((word) => inName.includes(word) || told.includes(word));
  });
  const folders = path.slice(0, path.length - basename(path).length);
  return isToldByName ? stem(path) : `${folders}${stem(path)}`;
}
