import type { MixPlan, PlannedSet } from "../plan/mix-plan.ts";
import { drawnSets, tarPath, yamlShare, yamlText } from "./drawn-sets.ts";
import type { MixFile } from "./mix-file.ts";

/**
 * The `data:` block of the trainer's configuration. It reads whole shards, one after the other: those that hold a sample that is left
 * out are not in its lists (`trainerLeavesOut` tells how many). It mixes text in by batches.
 */
export function trainerFiles(plan: MixPlan): MixFile[] {
  const sets = drawnSets(plan);
  const list = (role: PlannedSet["role"]): string[] =>
    sets
      .filter((set) => set.role === role)
      .flatMap((set) => wholeShards(set).map((path) => `    - ${path}\n`));
  const [shown] = sets.filter(({ role }) => role === "set");
  const frames = Math.max(
    1,
    ...sets.map(({ facts }) => (facts.media === "video" ? facts.recipe.maxFrames : 1)),
  );
  const text = list("text");
  const block = [
    "# Paths are relative to this file: run the trainer in its folder.\n",
    "data:\n  train_shards:\n",
    ...list("set"),
    ...(text.length === 0
      ? []
      : ["  text_shards:\n", ...text, `  text_ratio: ${yamlShare(plan.entry.text?.share ?? 0)}\n`]),
    `  max_frames: ${frames}\n`,
    `  frame_size: ${shown?.facts.recipe.size ?? 224}\n`,
  ];
  return [{ path: "trainer/data.yaml", text: block.join("") }];
}

function wholeShards(set: PlannedSet): string[] {
  const spoiled = new Set(set.excluded.map(({ shard }) => shard));
  return set.shards
    .filter(({ shard }) => !spoiled.has(shard))
    .map(({ shard }) => yamlText(tarPath(set, shard, 1)));
}

/** What a reader of whole shards does without: shards that hold a sample that is left out, and all samples in them. */
export function trainerLeavesOut(sets: readonly PlannedSet[]): {
  readonly shards: number;
  readonly samples: number;
} {
  const left = sets.flatMap(({ shards, excluded }) => {
    const spoiled = new Set(excluded.map(({ shard }) => shard));
    return shards.filter(({ shard }) => spoiled.has(shard));
  });
  return { shards: left.length, samples: left.reduce((sum, { samples }) => sum + samples, 0) };
}
