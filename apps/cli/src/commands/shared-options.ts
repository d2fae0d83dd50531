import type { Dataset, PartSelector } from "@shardmill/core";
import { Failure } from "@shardmill/core";
import { type Command, Option } from "commander";
import { collectWord, parseBytes, parseParts } from "../parse-options.ts";

/** Options that several commands share, said once. */
export function outOption(): Option {
  return new Option("--out <dir>", "output folder").default("out");
}

export interface RequestOptions {
  readonly parts?: PartSelector[];
  readonly subsets?: string;
  readonly preset?: string;
  readonly source?: string;
  readonly set: string[];
}

export function addRequestOptions(command: Command): Command {
  return command
    .option("--parts <list>", "parts, such as 0,72-74 or ai2d:0-3", parseParts)
    .option("--subsets <list>", "subsets, such as ai2d,vqav2 (for datasets that have them)")
    .option("--preset <name>", "a named choice of subsets from the catalogue")
    .option("--source <dir>", "a local folder laid out like the repository, instead of the Hub")
    .option("--set <key=value>", "change a setting of the recipe (repeatable)", collectWord, []);
}

export interface NetworkOptions {
  readonly maxBandwidth?: number;
  readonly cache?: string;
  readonly cacheLimit?: number;
}

export function addNetworkOptions(command: Command): Command {
  return command
    .option("--max-bandwidth <bytes>", "bytes a second to download at most, such as 50MB", parseBytes)
    .option("--cache <dir>", "keep whole parts here for later builds with another recipe")
    .option("--cache-limit <bytes>", "size of the cache", parseBytes, 200_000_000_000);
}

/** The parts that --parts, --subsets and --preset name together; null for all. */
export function selectorsOf(dataset: Dataset, options: RequestOptions): PartSelector[] | null {
  const subsets = [
    ...(options.subsets?.split(",").map((name) => name.trim()) ?? []),
    ...presetOf(dataset, options.preset),
  ];
  const chosen = [...(options.parts ?? []), ...subsets.map((subset) => ({ subset, from: null, to: null }))];
  return chosen.length === 0 ? null : chosen;
}

function presetOf(dataset: Dataset, name: string | undefined): readonly string[] {
  if (name === undefined) return [];
  const preset = dataset.presets[name];
  if (preset !== undefined) return preset;
  const known = Object.keys(dataset.presets).join(", ");
  throw new Failure(
    "wrong_use",
    `${dataset.name} has no preset ${name}; ${known === "" ? "it has none" : `it has ${known}`}`,
  );
}
