import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { partsByLabel } from "../support/build-status.ts";
import { shardHashes } from "../support/read-shards.ts";
import type { Ended } from "../support/shardmill.ts";
import { rlaifFiles } from "./rlaif-v.ts";
import { TextHouse } from "./text-house.ts";

/** `tokenize`: an output beside another, with its pictures. Every kind of sample: tokenize-kinds.long.test.ts. */
let house: TextHouse;
let made: Ended;
const dpo = ["--recipe", "seed-dpo"];
const part = ["--parts", "0"];

beforeAll(async () => {
  house = await TextHouse.open(await rlaifFiles());
  const builds = await Promise.all([
    house.build("rlaif-v", [...part, "--accept-terms"]),
    house.build("rlaif-v", [...part, "--as", "pairs", ...dpo], "direct"),
  ]);
  expect(builds.map(({ code }) => code)).toEqual([0, 0]);
  made = await house.tokenize("rlaif-v", "pairs", dpo);
});
afterAll(() => house.close());

interface ManifestRead {
  readonly shard: string;
  readonly origin?: { readonly dataset: string; readonly shard: string; readonly sha256: string };
}

function manifestsOf(output: string): ManifestRead[] {
  const folder = join(house.folder(output), ".shardmill/manifests");
  return readdirSync(folder)
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as ManifestRead);
}

function ledgerOf(output: string): { readonly key: string | null; readonly group?: string }[] {
  const folder = join(house.folder(output), ".shardmill/ledger");
  return readdirSync(folder)
    .filter((name) => !name.endsWith("-plan.jsonl"))
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), "utf8").trimEnd().split("\n"))
    .map((line) => JSON.parse(line) as { readonly key: string | null; readonly group?: string });
}

describe("an output that is tokenized", () => {
  it("has the bytes of a build of the source with that recipe", () => {
    expect(made.code, made.stderr).toBe(0);
    const hashes = shardHashes(house.folder("pairs"));
    expect(Object.keys(hashes)).toEqual(["pairs-p0000-0000.tar", "pairs-p0000-0001.tar"]);
    expect(hashes).toEqual(shardHashes(house.folder("pairs", "direct")));
  });

  it("says of each shard which one it was made of", () => {
    const origins = shardHashes(house.folder("rlaif-v"));
    expect(manifestsOf("pairs").map(({ shard, origin }) => [shard, origin])).toEqual(
      [0, 1].map((range) => [
        `pairs-p0000-000${range}`,
        {
          dataset: "rlaif-v",
          shard: `rlaif-v-p0000-000${range}`,
          sha256: origins[`rlaif-v-p0000-000${range}.tar`],
        },
      ]),
    );
    expect(manifestsOf("rlaif-v").every(({ origin }) => origin === undefined)).toBe(true);
  });

  it("has the conditions that were accepted of the other as accepted, and says nothing more of them", () => {
    const told = (output: string): unknown =>
      JSON.parse(readFileSync(join(house.folder(output), ".shardmill/terms.json"), "utf8"));
    expect(told("pairs")).toEqual(told("rlaif-v"));
    expect(told("pairs")).toMatchObject({ accepted: "option" });
    expect(made.stderr).not.toContain("conditions");
  });

  it("has a part that is not done in the other as absent, with the state that it is in there", async () => {
    const parts = await partsByLabel("pairs", house.out());
    expect(Object.keys(parts).length).toBe(14);
    expect(parts.p0000).toMatchObject({ state: "done", members: 6, packed: 6 });
    expect(parts.p0007).toMatchObject({
      state: "absent",
      error: {
        code: "part_absent",
        detail: "it is absent in rlaif-v, and has to be done there first",
      },
    });
    const asked = await house.tokenize("rlaif-v", "pairs", [...dpo, "--parts", "7"]);
    expect(asked.code).not.toBe(0);
    expect(asked.stderr + asked.stdout).toContain("has to be done there first");
  });

  it("has the groups of the other: of each sample its one picture", () => {
    const groupsOf = (output: string): unknown[] =>
      ledgerOf(output).flatMap(({ key, group }) => (key === null ? [] : [[key, group]]));
    const pictures = house.samples("rlaif-v").map(({ key, fields }) => [
      key,
      `img:${createHash("sha256")
        .update(fields.get("jpg") ?? "")
        .digest("hex")}`,
    ]);
    expect(groupsOf("rlaif-v")).toEqual(pictures);
    expect(groupsOf("pairs")).toEqual(pictures);
  });

  it("is not made twice", async () => {
    const before = shardHashes(house.folder("pairs"));
    const again = await house.tokenize("rlaif-v", "pairs", dpo);
    expect([again.code, shardHashes(house.folder("pairs"))]).toEqual([0, before]);
  });

  it("can be tokenized itself, back to what the first one is but for its names", async () => {
    const back = await house.tokenize("pairs", "texts", []);
    expect(back.code, back.stderr).toBe(0);
    const told = (output: string) => house.samples(output).map(({ key, fields }) => [key, fields]);
    expect(told("texts")).toEqual(told("rlaif-v"));
  });
});
