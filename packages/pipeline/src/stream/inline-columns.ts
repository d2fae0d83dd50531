import { columnsRead } from "@shardmill/catalogue";
import type { Dataset } from "@shardmill/core";

/** The columns of a parquet part that its samples are made of: nothing else of it is fetched or decoded. */
export function inlineColumns(dataset: Dataset): string[] {
  const { annotations } = dataset;
  const images = annotations.kind === "inline" ? [annotations.images] : [];
  return [...new Set([...images, ...columnsRead(dataset)])];
}
