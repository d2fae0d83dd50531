import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { partsByLabel } from "../support/build-status.ts";
import { shardHashes, tarsIn } from "../support/read-shards.ts";
import { rlaifFiles } from "./rlaif-v.ts";
import { TextHouse } from "./text-house.ts";

/** Shards whose bytes have changed since they were made, under an output that is to be tokenized. */
let house: TextHouse;
const settings = ["--recipe", "seed-dpo", "--workers", "1"];

beforeAll(async () => {
  house = await TextHouse.open(await rlaifFiles());
  const built = await house.build("rlaif-v", ["--parts", "0", "--set", "samplesPerShard=2"]);
  expect(built.code, built.stderr).toBe(0);
  const made = await house.tokenize("rlaif-v", "whole", settings);
  expect(made.code, made.stderr).toBe(0);
});
afterAll(() => house.close());

describe("a shard that is not what its manifest says", () => {
  it("is never copied from: its part fails, its other shards are made, and it heals with the other output", async () => {
    const tar = join(house.folder("rlaif-v"), "rlaif-v-p0000-0000.tar");
    const bytes = readFileSync(tar);
    // In a picture, which a reader of the tar would not miss.
    bytes[700] = (bytes[700] ?? 0) ^ 1;
    writeFileSync(tar, bytes);
    const failed = await house.tokenize("rlaif-v", "pairs", settings);
    expect(failed.code).toBe(1);
    const { p0000 } = await partsByLabel("pairs", house.out());
    expect(p0000).toMatchObject({
      state: "failed",
      error: { code: "archive_malformed", detail: expect.stringContaining("rlaif-v-p0000-0000.tar") },
    });
    expect(tarsIn(house.folder("pairs"))).toEqual(["pairs-p0000-0001.tar"]);

    const early = await house.run("retry", "pairs", "--out", house.out(), "--failed");
    expect([early.code, early.stdout]).toEqual([1, expect.stringContaining("archive_malformed")]);

    const mended = await house.run("retry", "rlaif-v", "--out", house.out(), "--corrupt");
    expect(mended.code, mended.stderr).toBe(0);
    const healed = await house.run("retry", "pairs", "--out", house.out(), "--failed");
    expect(healed.code, healed.stderr).toBe(0);
    const named = (output: string) =>
      Object.entries(shardHashes(house.folder(output))).map(([name, hash]) => [
        name.slice(output.length),
        hash,
      ]);
    // A tar holds keys, which are those of the dataset: its own name is not in it.
    expect(named("pairs")).toEqual(named("whole"));
    expect((await partsByLabel("pairs", house.out())).p0000).toMatchObject({ state: "done", packed: 6 });
  });
});
