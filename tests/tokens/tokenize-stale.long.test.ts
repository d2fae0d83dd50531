import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { partsByLabel } from "../support/build-status.ts";
import { shardHashes } from "../support/read-shards.ts";
import { shardmillJson } from "../support/shardmill.ts";
import { rlaifFiles } from "./rlaif-v.ts";
import { TextHouse } from "./text-house.ts";

/** An output that was made anew under one that was tokenized from it. */
let house: TextHouse;
const settings = ["--recipe", "seed-dpo"];
const build = (...more: string[]) =>
  house.build("rlaif-v", ["--parts", "0", "--set", "samplesPerShard=2", ...more]);
const retry = (...more: string[]) => house.run("retry", "pairs", "--out", house.out(), ...more);

beforeAll(async () => {
  house = await TextHouse.open(await rlaifFiles());
  expect((await build()).code).toBe(0);
  expect((await house.tokenize("rlaif-v", "pairs", settings)).code).toBe(0);
});
afterAll(() => house.close());

describe("an output whose origin was built with another recipe", () => {
  it("is stale once it is looked for, and follows", async () => {
    const before = shardHashes(house.folder("pairs"));
    const rebuilt = await build("--rebuild", "--set", "size=64");
    expect(rebuilt.code, rebuilt.stderr).toBe(0);
    expect(shardHashes(house.folder("pairs"))).toEqual(before);

    const dry = await shardmillJson<{ items: { label: string; reason?: string }[] }>([
      ...["retry", "pairs", "--out", house.out(), "--stale", "--dry-run"],
    ]);
    expect(dry.items.map(({ label }) => label)).toEqual(["p0000"]);
    expect(JSON.stringify(dry.items)).toContain("rlaif-v-p0000-0000.tar");
    expect(shardHashes(house.folder("pairs"))).toEqual(before);

    const followed = await retry("--stale");
    expect(followed.code, followed.stderr).toBe(0);
    const after = shardHashes(house.folder("pairs"));
    expect(Object.keys(after)).toEqual(Object.keys(before));
    expect(Object.values(after).some((hash) => Object.values(before).includes(hash))).toBe(false);
    const direct = await house.build(
      "rlaif-v",
      [...["--parts", "0", "--as", "pairs", "--set", "samplesPerShard=2", "--set", "size=64"], ...settings],
      "direct",
    );
    expect(direct.code, direct.stderr).toBe(0);
    expect(after).toEqual(shardHashes(house.folder("pairs", "direct")));
    expect((await partsByLabel("pairs", house.out())).p0000).toMatchObject({ state: "done", packed: 6 });
    const record = JSON.parse(readFileSync(join(house.folder("pairs"), ".shardmill/build.json"), "utf8")) as {
      recipe: { size: number };
    };
    expect(record.recipe.size).toBe(64);
    expect((await retry("--stale")).stdout).toContain("Nothing to do");
  });

  it("does not follow where its origin keeps no texts any more, and stays as it is", async () => {
    const before = shardHashes(house.folder("pairs"));
    const rebuilt = await build("--rebuild", ...settings, "--set", "text.keepRaw=false");
    expect(rebuilt.code, rebuilt.stderr).toBe(0);
    const refused = await retry("--stale");
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining("rlaif-v was made without its texts (recipe.text.keepRaw)"),
    ]);
    expect(shardHashes(house.folder("pairs"))).toEqual(before);
  });
});
