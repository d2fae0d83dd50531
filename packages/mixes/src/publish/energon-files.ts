import type { MixPlan, PlannedSet } from "../plan/mix-plan.ts";
import { drawnSets, tarPath, yamlShare, yamlText } from "./drawn-sets.ts";
import type { MixFile } from "./mix-file.ts";

/** The version of Megatron-Energon whose metadata this is. */
const energonVersion = "7.1.0";

/**
 * Energon's metadataset, a blend of one dataset for each set. Each is a folder with metadata alone, whose shards lie in the output: what
 * the mix leaves out stays in for others. Sources: megatron.energon's metadataset_v2.py and flavors/webdataset/metadata.py.
 */
export function energonFiles(plan: MixPlan): MixFile[] {
  const sets = drawnSets(plan);
  const blend = sets.map(({ facts, role, share }) =>
    [
      `      - path: ${yamlText(`./${facts.name}`)}`,
      `        weight: ${yamlShare(share)}`,
      "        subflavors:",
      `          set: ${yamlText(facts.name)}`,
      `          role: ${role}`,
      `          media: ${facts.media}`,
      "",
    ].join("\n"),
  );
  const metadataset = `__module__: megatron.energon\n__class__: MetadatasetV2\nsplits:\n  train:\n    blend:\n${blend.join("")}`;
  return [
    { path: "energon/metadataset.yaml", text: metadataset },
    ...sets.flatMap((set) => {
      const folder = `energon/${set.facts.name}/.nv-meta`;
      return [
        { path: `${folder}/.info.json`, text: `${JSON.stringify(info(set), null, 2)}\n` },
        { path: `${folder}/split.yaml`, text: split(set) },
        {
          path: `${folder}/dataset.yaml`,
          text: "__module__: megatron.energon\n__class__: CrudeWebdataset\n",
        },
      ];
    }),
  ];
}

function info(set: PlannedSet): unknown {
  const counts = set.shards.map(({ shard, samples }) => [tarPath(set, shard, 2), samples] as const);
  return { energon_version: energonVersion, shard_counts: Object.fromEntries(counts) };
}

/** A sample is left out as `<shard>/<key>`. */
function split(set: PlannedSet): string {
  const list = (names: readonly string[], indent: string): string =>
    names.length === 0 ? " []\n" : `\n${names.map((name) => `${indent}- ${yamlText(name)}\n`).join("")}`;
  const train = set.shards.map(({ shard }) => tarPath(set, shard, 2));
  const exclude = set.excluded.map(({ shard, key }) => `${tarPath(set, shard, 2)}/${key}`).toSorted();
  return `split_parts:\n  train:${list(train, "  ")}  val: []\n  test: []\nexclude:${list(exclude, "")}`;
}
