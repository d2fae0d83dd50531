import { type BuildRecord, type Dataset, Failure, type PartsAsked, requireParts } from "@shardmill/core";
import type { RequestOptions } from "../commands/shared-options.ts";

/** What --parts, --subsets and --preset name together; null for all. It is read once the parts that exist are known. */
export function selectParts(dataset: Dataset, options: RequestOptions): PartsAsked | null {
  const { parts, subsets, preset } = options;
  const chosen = [
    ...(parts === undefined ? [] : [{ list: "parts" as const, text: parts }]),
    ...(subsets === undefined ? [] : [{ list: "subsets" as const, text: subsets }]),
    ...presetOf(dataset, preset).map((subset) => ({ subset, from: null, to: null })),
  ];
  return chosen.length === 0 ? null : chosen;
}

/** The parts of a recorded build that a list names. One that does not exist is wrong use. */
export function partsOf(build: BuildRecord, text: string): BuildRecord["parts"] {
  return requireParts(build.dataset, build.parts, [{ list: "parts", text }]);
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
