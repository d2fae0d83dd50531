import { readFileSync } from "node:fs";
import type { Dataset } from "@shardmill/core";
import { parseDataset } from "../src/index.ts";

/** A dataset of the catalogue that comes with Shardmill. */
export function shipped(name: string): Dataset {
  const yaml = readFileSync(new URL(`../../../config/datasets/${name}.yaml`, import.meta.url), "utf8");
  const parsed = parseDataset(yaml, `${name}.yaml`);
  if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}
