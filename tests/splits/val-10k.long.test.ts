import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { webdatasetSets } from "../mixes/drawn.ts";
import { jsonOf, type ReadSample, readSamples, shardHashes, tarsIn } from "../support/read-shards.ts";
import { shardmill, shardmillJson } from "../support/shardmill.ts";
import { cauldronFile, cauldronRows, openvidHdFiles, ValHouse } from "./val-house.ts";

/** The shipped Val 10K with a thousandth of its quotas, over small copies of its five sets. */
const shipped = parse(readFileSync(new URL("../../config/splits/val-10k.yaml", import.meta.url), "utf8")) as {
  readonly sets: readonly { readonly dataset: string; readonly samples: number }[];
};
const quotas = shipped.sets.map(({ samples }) => samples / 1000);
const stages = {
  stage1: { sets: ["openvid-1m", "webvid"], text: { dataset: "smoltalk-stage1", share: 0.14 } },
  stage2: { sets: ["the-cauldron"] },
  stage3: { sets: ["llava-video-178k"] },
} as const;
const split = "val-10k";

let house: ValHouse;
let out: string;
let chosen: Known;

beforeAll(async () => {
  house = await ValHouse.open();
  ({ out } = house);
  const sets = shipped.sets.map((set, at) => ({ ...set, samples: quotas[at] }));
  await writeFile(join(house.scratch, `${split}.yaml`), stringify({ ...shipped, sets }));
  for (const [name, mix] of Object.entries(stages)) await writeMix(name, mix);
  await makeSplit();
  chosen = knownOf(split, samplesOf(split));
});
afterAll(() => house.close());

const mixFile = (name: string): string => join(house.scratch, `${name}.yaml`);
const writeMix = (name: string, mix: object): Promise<void> =>
  writeFile(mixFile(name), stringify({ title: name, readers: ["webdataset"], differ: ["fps"], ...mix }));

async function makeSplit(): Promise<readonly { readonly asked: number; readonly got: number }[]> {
  const mixes = Object.keys(stages).map(mixFile).join();
  const asked = ["split", join(house.scratch, `${split}.yaml`), "--mix", mixes, "--out", out];
  return (await shardmillJson<{ sets: { asked: number; got: number }[] }>(asked)).sets;
}

const samplesOf = (output: string): ReadSample[] =>
  tarsIn(join(out, output)).flatMap((tar) => readSamples(join(out, output, tar)));

/** What samples are known by, in words of their own for each kind. */
interface Known {
  readonly keys: ReadonlySet<string>;
  readonly members: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  readonly pictures: ReadonlySet<string>;
}

const memberOf = (key: string): string => key.replace(/^(.*-p\d{4}-\d{6}).*$/, "$1");

/** The groups of an output's members, as its ledgers have them; a name means its member in one dataset alone. */
function groupsOf(output: string): ReadonlyMap<string, string> {
  const folder = join(out, output, ".shardmill/ledger");
  const lines = readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), "utf8").split("\n"));
  return new Map(
    lines.filter(Boolean).flatMap((line) => {
      const { key, group } = JSON.parse(line) as { key: string | null; group?: string };
      if (key === null || group === undefined) return [];
      return [[memberOf(key), group.startsWith("member:") ? memberOf(key) : group] as const];
    }),
  );
}

function knownOf(output: string, samples: readonly ReadSample[]): Known {
  const groups = groupsOf(output);
  const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
  return {
    keys: new Set(samples.map(({ key }) => key)),
    members: new Set(samples.map(({ key }) => memberOf(key))),
    groups: new Set(samples.map(({ key }) => groups.get(memberOf(key)) ?? "none")),
    pictures: new Set(
      samples
        // All texts show the same nothing.
        .filter((sample) => jsonOf(sample).is_text_only !== true)
        .flatMap(({ fields }) =>
          [...fields].flatMap(([name, bytes]) => (name.endsWith("jpg") ? hashOf(bytes) : [])),
        ),
    ),
  };
}

/** By what samples of a set are those of the split. */
function leaks(known: Known): string[] {
  return (["keys", "members", "groups", "pictures"] as const).filter((kind) =>
    [...known[kind]].some((one) => chosen[kind].has(one)),
  );
}

interface MixAnswer {
  readonly problems: readonly unknown[];
  readonly mix: {
    readonly sets: readonly {
      readonly dataset: string;
      readonly excluded: readonly string[];
      readonly leftOut: Readonly<Record<string, number>>;
    }[];
  };
}

async function mixOf(name: string, ...more: string[]): Promise<MixAnswer["mix"]["sets"]> {
  const { problems, mix } = await shardmillJson<MixAnswer>(["mix", mixFile(name), "--out", out, ...more]);
  expect(problems).toEqual([]);
  return mix.sets;
}

describe("Val 10K of small sets", () => {
  it("has what is asked of every set, is whole, and has the same bytes when it is made a second time", async () => {
    const found = samplesOf(split);
    const counts = shipped.sets.map(
      ({ dataset }) =>
        found.filter((sample) => String(jsonOf(sample).eval_source).startsWith(dataset)).length,
    );
    expect(counts).toEqual(quotas);
    const verdict = await shardmill(["verify", join(out, split), "--deep"]);
    expect(verdict.code, verdict.stdout).toBe(0);
    const hashes = shardHashes(join(out, split));
    await rm(join(out, split), { recursive: true });
    expect((await makeSplit()).map(({ got }) => got)).toEqual(quotas);
    expect(shardHashes(join(out, split))).toEqual(hashes);
  });

  it("has nothing in common with any mix: by key, member, group and picture", async () => {
    for (const name of Object.keys(stages)) {
      await mixOf(name);
      for (const set of webdatasetSets(join(out, "mixes", name))) {
        const read = set.shards.flatMap((shard) => readSamples(shard));
        const trained = read.filter(({ key }) => !set.excluded.has(key));
        expect(trained.length, set.name).toBeGreaterThan(0);
        expect(leaks(knownOf(set.name, trained)), set.name).toEqual([]);
        // Without what is left out it would have: what looks for leaks finds them.
        expect(leaks(knownOf(set.name, read)), set.name).toContain("keys");
      }
    }
  });
});

describe("a leak that is planted", () => {
  /** Of the split's samples, the first that was taken of an output. */
  const takenOf = (output: string): ReadSample => {
    const found = samplesOf(split).find((sample) => jsonOf(sample).eval_source === output);
    if (found === undefined) throw new Error(`nothing of ${output}`);
    return found;
  };
  const idOf = (sample: ReadSample): string =>
    /(video-\d{5})/.exec(String(jsonOf(sample).video_id))?.[1] ?? "";

  it("by key, and by picture under another key, is found in another output of The Cauldron", async () => {
    const taken = takenOf("the-cauldron");
    const row = Number(taken.key.slice(-6));
    const files = {
      // Other pictures in the same rows: only keys tell.
      [cauldronFile("ai2d")]: await cauldronRows(Array.from({ length: 25 }, (_, at) => 100 + at)),
      [cauldronFile("aokvqa")]: await cauldronRows([60, row, 61]),
    };
    await house.build("the-cauldron", files, "--as", "pictures", "--recipe", "seed-stage2");
    await writeMix("pictures", { sets: ["pictures"] });
    const same = "cauldron-aokvqa-p0000-000001";
    const planted = samplesOf("pictures").filter(({ key }) => key === same);
    expect(leaks(knownOf("pictures", planted))).toEqual(["groups", "pictures"]);
    const [set] = await mixOf("pictures");
    const rows = samplesOf(split).filter((sample) => jsonOf(sample).eval_source === "the-cauldron");
    expect([...(set?.excluded ?? [])].sort()).toEqual([...rows.map(({ key }) => key), same].sort());
    expect(set?.leftOut).toEqual({ [`validation:${split}`]: rows.length + 1 });
  });

  it("by member is found where each of its turns is a sample of its own", async () => {
    const taken = takenOf("llava-video-178k");
    const subset = String(jsonOf(taken).subset);
    const source = join(house.scratch, "source/llava-video-178k", subset);
    const files: Record<string, Uint8Array> = {};
    for (const file of readdirSync(source)) files[`${subset}/${file}`] = await readFile(join(source, file));
    const turns = ["--as", "turns", "--recipe", "seed-stage3", "--set", "turns=each"];
    await house.build("llava-video-178k", files, ...turns);
    await writeMix("turns", { sets: ["turns"] });
    const own = samplesOf("turns").filter(({ key }) => memberOf(key) === taken.key);
    expect(own.length).toBeGreaterThan(1);
    expect(leaks(knownOf("turns", own))).not.toContain("keys");
    const [set] = await mixOf("turns");
    expect([...(set?.excluded ?? [])].sort()).toEqual(own.map(({ key }) => key).sort());
  });

  it("by group is found under another name in another set; re-encoded, without a name that tells, by its frames", async () => {
    const taken = takenOf("openvid-1m");
    const seed = Number(taken.key.slice(-6));
    const members = [
      { name: `${idOf(taken)}_7_50to99.mp4`, bytes: await house.clip(900) },
      {
        name: "celebv_somebody_0.mp4",
        bytes: await house.clip(seed, ["-c:v", "mpeg4", "-q:v", "6"], "160x120"),
      },
      { name: "celebv_nobody_0.mp4", bytes: await house.clip(901) },
    ];
    await house.build("openvid-hd", await openvidHdFiles(members), "--recipe", "seed-stage1");
    await writeMix("hd", { sets: ["openvid-hd"] });
    const [byName, byFrames] = samplesOf("openvid-hd");
    expect(leaks(knownOf("openvid-hd", byName === undefined ? [] : [byName]))).toEqual(["groups"]);
    expect(leaks(knownOf("openvid-hd", byFrames === undefined ? [] : [byFrames]))).toEqual([]);
    const [plain] = await mixOf("hd");
    expect(plain?.leftOut).toEqual({ [`validation:${split}`]: 1 });
    const found = await shardmillJson<{ overlap: { a: { related: Record<string, number> } } }>([
      ...["overlap", "openvid-hd", split, "--out", out],
    ]);
    expect(found.overlap.a.related).toMatchObject({ any: 2, group: 1, fingerprint: 1 });
    const [clean] = await mixOf("hd", "--decontaminate", split);
    expect(clean?.leftOut).toEqual({ [`validation:${split}`]: 1, [`overlaps:${split}`]: 1 });
    expect([...(clean?.excluded ?? [])].sort()).toEqual([byName?.key, byFrames?.key]);
  });
});
