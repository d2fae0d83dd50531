import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Ended } from "../support/shardmill.ts";
import { rlaifFiles } from "./rlaif-v.ts";
import { smoltalkFiles } from "./smoltalk.ts";
import { TextHouse } from "./text-house.ts";

let house: TextHouse;
const dpo = ["--recipe", "seed-dpo"];

beforeAll(async () => {
  house = await TextHouse.open({ ...(await rlaifFiles()), ...(await smoltalkFiles()) });
  const part = ["--parts", "0"];
  const builds = await Promise.all([
    house.build("rlaif-v", part),
    house.build("rlaif-v", [...part, "--as", "bare", ...dpo, "--set", "text.keepRaw=false"]),
    house.build("smoltalk", ["--as", "parted", "--set", "turns=each", "--set", "rows=0-1"]),
  ]);
  const made = await house.tokenize("rlaif-v", "pairs", dpo);
  const again = await house.tokenize("pairs", "pairs-again");
  expect([...builds, made, again].map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
});
afterAll(() => house.close());

describe("what cannot be tokenized is refused in one line, and nothing is written", () => {
  it.concurrent.each<[string, () => Promise<Ended>, number, string]>([
    [
      "other pictures",
      () => house.tokenize("rlaif-v", "new", [...dpo, "--set", "fps=2", "--set", "recipe.size=64"]),
      2,
      "recipe.fps, recipe.size: the pictures of rlaif-v are made",
    ],
    ["under its own name", () => house.tokenize("pairs", "pairs"), 2, "that is the output itself"],
    ["under a dataset's name", () => house.tokenize("rlaif-v", "smoltalk"), 2, "the name of a dataset"],
    [
      "under a name that is none",
      () => house.tokenize("rlaif-v", "../new"),
      2,
      "expected lower-case letters",
    ],
    [
      "under the name of another output",
      () => house.tokenize("rlaif-v", "bare", dpo),
      2,
      "bare is not made of another output in this folder: give another name with --as",
    ],
    [
      "under the name of one that was tokenized from another",
      () => house.tokenize("rlaif-v", "pairs-again", dpo),
      2,
      "pairs-again is tokenized from pairs in this folder: give another name with --as",
    ],
    [
      "over shards of another recipe",
      () => house.tokenize("rlaif-v", "pairs", [...dpo, "--set", "text.maxTokens=9"]),
      3,
      "recipe_changed",
    ],
    [
      "without its texts",
      () => house.tokenize("bare", "new", dpo),
      2,
      "bare was made without its texts (recipe.text.keepRaw)",
    ],
    ["turns that are apart", () => house.tokenize("parted", "new"), 2, "they cannot be put together again"],
    ["an output that is none", () => house.tokenize("nothing", "new"), 2, "there is no build of nothing"],
    [
      "by a build of its source under its name",
      () => house.build("rlaif-v", ["--as", "pairs", ...dpo]),
      2,
      "pairs is tokenized from rlaif-v in this folder",
    ],
  ])("%s", async (_, run, code, line) => {
    const before = readdirSync(house.out());
    const ended = await run();
    expect([ended.code, ended.stderr]).toEqual([code, expect.stringContaining(line)]);
    expect(ended.stderr).not.toContain("    at ");
    expect(readdirSync(house.out())).toEqual(before);
  });
});
