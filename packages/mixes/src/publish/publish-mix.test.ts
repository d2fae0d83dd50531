import type { Store } from "@shardmill/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { makeToyMix } from "../../testing/make-toy-mix.ts";
import { type ToyOutput, toyStore, writeOutput } from "../../testing/outputs.ts";
import type { MixPlan } from "../plan/mix-plan.ts";
import { publishedBefore, publishMix } from "./publish-mix.ts";

let store: Store;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ store, remove } = await toyStore());
});
afterEach(() => remove());

const clips: ToyOutput = { name: "clips", shards: [{ positions: [0, 1, 2] }, { positions: [4, 5] }] };
const words: ToyOutput = {
  name: "words",
  media: "none",
  recipe: { textPicture: "placeholder" },
  shards: [{}],
};
const mix = `title: "A: mix\\u2028#"
sets: [clips]
text: { dataset: words, share: 0.14 }
exclude: { keys: [clips-p0000-000004] }
`;

async function planOf(yaml: string): Promise<MixPlan> {
  const { plan, problems } = await makeToyMix(store, yaml);
  if (plan === null || problems.length > 0) throw new Error(JSON.stringify(problems));
  return plan;
}

async function text(path: string): Promise<string> {
  return Buffer.from((await store.read(`mixes/toy-mix/${path}`)) ?? []).toString("utf8");
}

describe("a published mix", () => {
  it("is the same bytes again, and says what changed when an output did", async () => {
    await writeOutput(store, clips);
    await writeOutput(store, words);
    const plan = await planOf(mix);
    expect(await publishedBefore(store, plan)).toBeNull();
    const paths = await publishMix(store, plan);
    const first = await Promise.all(paths.map(async (path) => Buffer.from((await store.read(path)) ?? [])));
    const again = await planOf(mix);
    expect((await publishedBefore(store, again))?.changes).toEqual([]);
    expect(await publishMix(store, again)).toEqual(paths);
    const second = await Promise.all(paths.map(async (path) => Buffer.from((await store.read(path)) ?? [])));
    expect(second).toEqual(first);

    await store.remove("clips");
    const shards = [{ positions: [0, 1, 2], content: "other" }, { positions: [4, 5] }, { positions: [7] }];
    await writeOutput(store, { ...clips, shards });
    expect((await publishedBefore(store, await planOf(mix)))?.changes).toEqual([
      "clips: new shards: clips-p0000-0002",
      "clips: shards made anew: clips-p0000-0000",
      "clips: 4 samples before, 5 now",
    ]);
  });

  it("takes away what an earlier one had, and nothing else", async () => {
    await writeOutput(store, clips);
    await writeOutput(store, words);
    await publishMix(store, await planOf(mix));
    await store.put("mixes/toy-mix/notes.txt", "mine");
    const without = await planOf("title: T\nsets: [clips]\nreaders: [webdataset]\n");
    expect((await publishedBefore(store, without))?.changes).toContain("words is no longer in it");
    await publishMix(store, without);
    const left = (await store.listAll("mixes/toy-mix")).filter(({ isFolder }) => !isFolder);
    expect(left.map(({ path }) => path.slice("mixes/toy-mix/".length)).sort()).toEqual([
      ...["mix.json", "notes.txt", "webdataset/clips.txt", "webdataset/mix.json", "webdataset/read_mix.py"],
    ]);
  });

  it("tells each reader the same: shares, shards by relative path, what is left out", async () => {
    await writeOutput(store, clips);
    await writeOutput(store, words);
    await publishMix(store, await planOf(mix));

    const told = JSON.parse(await text("webdataset/mix.json"));
    expect(told.sets).toMatchObject([
      { name: "clips", share: 0.86, list: "clips.txt", samples: 4, exclude: ["clips-p0000-000004"] },
      { name: "words", share: 0.14, role: "text", exclude: [] },
    ]);
    const tars = ["clips-p0000-0000.tar", "clips-p0000-0001.tar"];
    expect(await text("webdataset/clips.txt")).toBe(tars.map((tar) => `../../../clips/${tar}\n`).join(""));

    expect(parse(await text("energon/metadataset.yaml"))).toEqual({
      __module__: "megatron.energon",
      __class__: "MetadatasetV2",
      splits: {
        train: {
          blend: [
            {
              path: "./clips",
              weight: 0.86,
              subflavors: { set: "clips", role: "set", media: "video" },
            },
            { path: "./words", weight: 0.14, subflavors: { set: "words", role: "text", media: "none" } },
          ],
        },
      },
    });
    const names = tars.map((tar) => `../../../../clips/${tar}`);
    expect(parse(await text("energon/clips/.nv-meta/split.yaml"))).toEqual({
      split_parts: { train: names, val: [], test: [] },
      exclude: [`${names[1]}/clips-p0000-000004`],
    });
    expect(JSON.parse(await text("energon/clips/.nv-meta/.info.json"))).toEqual({
      energon_version: "7.1.0",
      shard_counts: { [names[0] ?? ""]: 3, [names[1] ?? ""]: 2 },
    });

    expect(parse(await text("trainer/data.yaml"))).toEqual({
      data: {
        train_shards: [`../../../clips/${tars[0]}`],
        text_shards: ["../../../words/words-p0000-0000.tar"],
        text_ratio: 0.14,
        max_frames: 64,
        frame_size: 224,
      },
    });
  });

  it("gives readers shares that are numbers to YAML 1.1, however small", async () => {
    await writeOutput(store, clips);
    await writeOutput(store, { name: "rare", shards: [{}] });
    await writeOutput(store, words);
    const sets = "[{ dataset: clips, weight: 1 }, { dataset: rare, weight: 0.0000001 }]";
    await publishMix(
      store,
      await planOf(`title: T\nsets: ${sets}\ntext: { dataset: words, share: 0.0000002 }\n`),
    );
    for (const path of ["energon/metadataset.yaml", "trainer/data.yaml"])
      expect(await text(path)).not.toMatch(/: [\d.]+e/);
    expect(await text("energon/metadataset.yaml")).toMatch(/weight: 0\.0000000999\d+\n/);
    expect(await text("trainer/data.yaml")).toContain("text_ratio: 0.0000002\n");
  });

  it("is refused where an output has the name of its folder", async () => {
    await writeOutput(store, { name: "mixes", shards: [{}] });
    await writeOutput(store, clips);
    const plan = await planOf("title: T\nsets: [clips]\n");
    await expect(publishMix(store, plan)).rejects.toMatchObject({ code: "wrong_use" });
  });
});
