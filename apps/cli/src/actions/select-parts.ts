import { type Dataset, Failure, type PartSelector } from "@shardmill/core";
import type { RequestOptions } from "../commands/shared-options.ts";

/** The parts that --parts, --subsets and --preset name together; null for all. */
export function selectParts(dataset: Dataset, options: RequestOptions): PartSelector[] | null {
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
