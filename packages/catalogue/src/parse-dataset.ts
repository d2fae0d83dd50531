import { type Dataset, datasetSchema } from "@shardmill/core";
import { crossCheck } from "./cross-check.ts";
import { type ReadEntry, readEntry } from "./read-entry.ts";

/** A catalogue entry from its YAML. */
export function parseDataset(yamlText: string, fileName: string): ReadEntry<Dataset> {
  return readEntry(yamlText, datasetSchema, (dataset) => crossCheck(dataset, fileName));
}
