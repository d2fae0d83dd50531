import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cauldronFiles } from "../datasets/fixtures/cauldron.ts";
import { vistaFrameFiles } from "../datasets/fixtures/vista.ts";
import { statusOf } from "../support/build-status.ts";
import { makeClips } from "../support/make-clips.ts";
import { membersOf, openvidFiles } from "../support/openvid-mirror.ts";
import { shardHashes } from "../support/read-shards.ts";
import { rlaifFiles } from "./rlaif-v.ts";
import { smoltalkFiles } from "./smoltalk.ts";
import { TextHouse } from "./text-house.ts";

/** Shards of each kind, tokenized, against a build of the source with the same recipe: every tar has the same bytes. */
let house: TextHouse;

const kinds = {
  "openvid-1m": ["--parts", "72"],
  "the-cauldron": ["--subsets", "ai2d,nlvr2"],
  "vista-400k": [],
  smoltalk: [],
  "rlaif-v": ["--parts", "0"],
} as const;
type Kind = keyof typeof kinds;

const tokens = ["--recipe", "seed-stage2"];
const variants = {
  tokens,
  each: [...tokens, "--set", "turns=each"],
  bare: [...tokens, "--set", "text.keepRaw=false", "--set", "text.loss=all"],
  parted: ["--set", "turns=each"],
} as const;
type Variant = keyof typeof variants;

/** Each kind with what its samples can differ by, each variant at least once: turns where there are several, pairs of two sides. */
const cases: Readonly<Record<Kind, readonly Variant[]>> = {
  "openvid-1m": ["tokens", "bare"],
  "the-cauldron": ["tokens", "parted"],
  "vista-400k": ["each"],
  smoltalk: ["tokens", "each"],
  "rlaif-v": ["tokens"],
};

beforeAll(async () => {
  const clips = await makeClips(7);
  const openvid = await openvidFiles([
    {
      part: 72,
      members: [
        ...membersOf(72, clips, 12),
        { name: "videos_72/noise.mp4", bytes: Buffer.from("no video at all") },
      ],
    },
  ]);
  house = await TextHouse.open({
    ...Object.fromEntries(openvid),
    ...(await cauldronFiles()),
    ...(await vistaFrameFiles()),
    ...(await smoltalkFiles()),
    ...(await rlaifFiles()),
  });
  for (const kind of Object.keys(kinds) as Kind[]) {
    const ended = await house.build(kind, [...kinds[kind]]);
    expect(ended.code, ended.stderr).toBeLessThan(2);
    expect(Object.keys(shardHashes(house.folder(kind))).length, kind).toBeGreaterThan(0);
  }
});
afterAll(() => house.close());

describe.each(Object.keys(kinds) as Kind[])("shards of %s", (kind) => {
  it.each(cases[kind])("are made again as the source gives them: %s", async (variant) => {
    const name = `${kind}-${variant}`;
    const [direct, made] = [
      await house.build(kind, [...kinds[kind], "--as", name, ...variants[variant]], "direct"),
      await house.tokenize(kind, name, [...variants[variant]]),
    ];
    expect(made.code, made.stderr).toBe(0);
    expect(direct.code, direct.stderr).toBeLessThan(2);
    const hashes = shardHashes(house.folder(name));
    expect(Object.keys(hashes).length).toBeGreaterThan(0);
    expect(hashes).toEqual(shardHashes(house.folder(name, "direct")));
    const verified = await house.run("verify", house.folder(name), "--deep");
    expect(verified.code, verified.stdout).toBe(0);
  });
});

/** A member of frames, a row, and a pair; folders of frames and text alone are left out as these are. */
describe.each(["openvid-1m", "the-cauldron", "rlaif-v"] as const)("shards of %s", (kind) => {
  it("are made again without what is too long", async () => {
    const longest = Math.max(...house.samples(`${kind}-tokens`).map(({ json }) => tokensOf(json)));
    const settings = [
      ...tokens,
      "--set",
      `text.maxTokens=${longest - 1}`,
      "--set",
      "text.overflow=leave-out",
    ];
    const name = `${kind}-short`;
    await house.build(kind, [...kinds[kind], "--as", name, ...settings], "direct");
    const made = await house.tokenize(kind, name, settings);
    expect(made.code, made.stderr).toBe(0);
    expect(shardHashes(house.folder(name))).toEqual(shardHashes(house.folder(name, "direct")));
    const { parts } = await statusOf(name, house.out());
    const left = parts.reduce((sum, { byCode }) => sum + (byCode.text_too_long ?? 0), 0);
    expect(left).toBeGreaterThan(0);
    const samples = house.samples(kind).length;
    expect(parts.reduce((sum, { members }) => sum + (members ?? 0), 0)).toBe(samples);
    expect(house.samples(name).length).toBe(samples - left);
  });
});

/** Of its conversation, or of the longer side of a pair. */
function tokensOf(json: Readonly<Record<string, unknown>>): number {
  const lists = [json.token_ids, json.chosen_token_ids, json.rejected_token_ids];
  return Math.max(...lists.map((ids) => (Array.isArray(ids) ? ids.length : 0)));
}
