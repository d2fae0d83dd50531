import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadPresets } from "@shardmill/catalogue";
import { publishMix } from "@shardmill/mixes";
import { openStore } from "@shardmill/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeToyMix } from "../../../packages/mixes/testing/make-toy-mix.ts";
import { writeOutput } from "../../../packages/mixes/testing/outputs.ts";
import { openTestPlace, type TestPlace } from "../testing/open-test-api.ts";
import { mixesSchema } from "./contract/index.ts";

let place: TestPlace;
beforeAll(async () => {
  place = await openTestPlace();
  const store = await openStore(place.root);
  await writeOutput(store, { name: "clips", shards: [{}] });
  await writeOutput(store, { name: "words", media: "none", shards: [{}] });
  const own = join(place.root, "own/mixes");
  await mkdir(own, { recursive: true });
  await writeFile(join(own, "good.yaml"), 'title: "<b>Good</b>"\nsets: [clips]\n');
  await writeFile(
    join(own, "bad.yaml"),
    "title: Bad\nsets: [clips, openvid-1m]\ntext: { dataset: words, share: 0.2 }\n",
  );
  await writeFile(join(own, "spoiled.yaml"), "title: Spoiled\nsets: [{ dataset: clips, weight: x }]\n");
  await writeFile(join(own, "none.yaml"), "title: [\n");
});
afterAll(() => place.close());

describe("GET /api/mixes", () => {
  it("tells what is in each mix, its shares, and what keeps it from being ready", async () => {
    const { app } = await place.open({ presets: await loadPresets([join(place.root, "own")]) });
    const answer = await app.inject({ url: "/api/mixes", headers: { host: "127.0.0.1" } });
    const { mixes, invalid } = mixesSchema.parse(answer.json());
    const [bad, good, spoiled] = mixes;
    expect(mixes).toHaveLength(3);
    expect(good).toMatchObject({
      title: "<b>Good</b>",
      isReady: true,
      sets: [{ dataset: "clips", share: 1, sums: { samples: 4, durationMs: 4000 } }],
      published: null,
    });
    expect(bad).toMatchObject({ isReady: false, sets: [{ share: 0.8 }, { share: 0.2 }] });
    expect(bad?.problems).toEqual([
      { path: "sets.1", message: "openvid-1m is not built", command: "shardmill build openvid-1m" },
      { path: "text.dataset", message: expect.stringContaining("placeholder"), command: null },
    ]);
    expect(spoiled).toMatchObject({ isReady: false, sets: [], problems: [{ path: "sets.0.weight" }] });
    expect(invalid.map(({ file }) => file)).toEqual(["mixes/none.yaml"]);
  });

  it("tells what a mix leaves out and why, as it was published, and what publishes it so", async () => {
    const store = await openStore(place.root);
    await writeOutput(store, {
      name: "sub",
      shards: [{ subset: "a" }, { subset: "b" }, { subset: "c", positions: [0, 1] }],
    });
    const yaml =
      "title: Toy\nsets: [{ dataset: sub, exclude: { subsets: [b] } }]\nexclude: { keys: [sub-a-p0000-000001] }\n";
    await mkdir(join(place.root, "held/mixes"), { recursive: true });
    await writeFile(join(place.root, "held/mixes/toy-mix.yaml"), yaml);
    const related = { "overlaps:bench": ["sub-a-p0000-000001", "sub-c-p0000-000000"] };
    const { plan } = await makeToyMix(store, yaml, new Map(), {
      against: ["bench"],
      found: new Map([["sub", related]]),
    });
    if (plan === null) throw new Error("it has mistakes");
    await publishMix(store, plan);
    const ask = async () => {
      const { app } = await place.open({ presets: await loadPresets([join(place.root, "held")]) });
      const answer = await app.inject({ url: "/api/mixes", headers: { host: "127.0.0.1" } });
      return mixesSchema.parse(answer.json()).mixes[0];
    };
    const held = {
      isReady: true,
      decontaminated: ["bench"],
      command: "shardmill mix toy-mix --decontaminate bench",
    };
    expect(await ask()).toMatchObject({
      ...held,
      sets: [
        {
          excluded: 2,
          // The first reason counts.
          leftOut: { listed: 1, "overlaps:bench": 1 },
          leftOutSubsets: ["b"],
          sums: { samples: 4 },
        },
      ],
      published: { changes: [] },
    });
    // A shard that came since is in it, and said to be new.
    await writeOutput(store, {
      name: "sub",
      shards: [{ subset: "a" }, { subset: "b" }, { subset: "c", positions: [0, 1] }, { subset: "d" }],
    });
    expect(await ask()).toMatchObject({
      ...held,
      sets: [{ sums: { samples: 8 } }],
      published: { changes: ["sub: new shards: sub-d-p0000-0000", "sub: 4 samples before, 8 now"] },
    });
  });

  it("is empty where the service has none", async () => {
    const { app } = await place.open();
    const answer = await app.inject({ url: "/api/mixes", headers: { host: "127.0.0.1" } });
    expect(answer.json()).toEqual({ mixes: [], invalid: [] });
  });
});
