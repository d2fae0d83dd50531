import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { smallTokenizer } from "../../packages/text/testing/small-tokenizer.ts";
import { type EntryCase, type EntryMedia, repoOf } from "../datasets/fixtures/entry-case.ts";
import { makePictures } from "../datasets/fixtures/pictures.ts";
import { type SmallWeb, startSmallWeb } from "../datasets/fixtures/small-web.ts";
import { trainingCases } from "../datasets/fixtures/training-cases.ts";
import { startHubStandIn } from "../hub-stand-in/index.ts";
import { makeClips, makeWebm } from "../support/make-clips.ts";
import { jsonOf, readSamples, shardHashes, tarsIn } from "../support/read-shards.ts";
import { type Ended, shardmill, shardmillJson } from "../support/shardmill.ts";
import { type DrawnSet, draw, energonSets, isWithinBound, webdatasetSets } from "./drawn.ts";

const drawn = 20_000;
const stages: Readonly<Record<string, readonly string[]>> = {
  stage1: ["openvid-1m", "webvid", "smoltalk-stage1"],
  stage2: ["the-cauldron", "smoltalk-stage2"],
  stage3: [
    "llava-video-178k",
    "vista-400k",
    "vript-long",
    "vript-short",
    "sharegpt4video",
    "smoltalk-stage3",
  ],
  dpo: ["rlaif-v"],
};
const rows: Readonly<Record<string, string>> = {
  "smoltalk-stage1": "0-2",
  "smoltalk-stage2": "3-5",
  "smoltalk-stage3": "6-8",
};
/** The loss of stage 1 is on all tokens, of the others on answers. */
const textRecipes: Readonly<Record<string, string>> = { "smoltalk-stage1": "seed-stage1-text" };

let scratch: string;
let out: string;
let web: SmallWeb;
let media: EntryMedia;
const saidOf = new Map<string, Ended>();

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-four-mixes-"));
  out = join(scratch, "out");
  const tokenizer = smallTokenizer("A question and its answer. What is shown? Describe this.");
  await mkdir(join(scratch, "tokenizer"));
  await writeFile(join(scratch, "tokenizer/tokenizer.json"), tokenizer.tokenizer);
  await writeFile(join(scratch, "tokenizer/tokenizer_config.json"), tokenizer.config ?? "{}");
  const clips = await makeClips(5);
  web = await startSmallWeb();
  web.on("clip", (response) => void response.end(clips[0]));
  const [picture = Buffer.of()] = await makePictures(1);
  media = { clips, webm: await makeWebm(), picture, web: web.base };
  const names = new Set(Object.values(stages).flat());
  for (const entry of trainingCases) {
    const outputs = entry.name === "smoltalk" ? Object.keys(rows) : names.has(entry.name) ? [entry.name] : [];
    if (outputs.length > 0) await build(entry, outputs);
  }
});

afterAll(async () => {
  await web.close();
  await rm(scratch, { recursive: true, force: true });
});

async function build(entry: EntryCase, outputs: readonly string[]): Promise<void> {
  const hub = await startHubStandIn({ repo: repoOf(entry.name) ?? "", files: await entry.files(media) });
  try {
    for (const output of outputs) {
      const stage = Object.entries(stages).find(([, sets]) => sets.includes(output))?.[0];
      const recipe = textRecipes[output] ?? `seed-${stage}`;
      const range = rows[output];
      const more = range === undefined ? [] : ["--as", output, "--set", `rows=${range}`];
      const terms = entry.name === "vript-long" ? ["--accept-terms"] : [];
      const ended = await shardmill(
        [
          ...["build", entry.name, "--out", out, "--workers", "2", "--recipe", recipe],
          ...["--set", `text.tokenizer=${join(scratch, "tokenizer")}`, ...more, ...terms],
        ],
        { SHARDMILL_ALLOW_PRIVATE_URLS: "1", HF_ENDPOINT: hub.endpoint },
      );
      expect(ended.code, ended.stderr + ended.stdout).toBe(entry.code);
      saidOf.set(output, ended);
    }
  } finally {
    await hub.close();
  }
}

interface Told {
  readonly dataset: string;
  readonly role: "set" | "text";
  readonly share: number;
  readonly sums: Record<string, unknown>;
}
interface MixAnswer {
  readonly isReady: boolean;
  readonly mix: { readonly sets: readonly Told[]; readonly sums: Record<string, unknown> };
  readonly problems: readonly { readonly path: string; readonly message: string }[];
  readonly commercial: Record<
    "forbidden" | "unknown" | "stays",
    { set: string; sums: Record<string, unknown> }[]
  >;
}

function sumsOf(names: readonly string[]): Record<string, unknown> {
  return sumsOfTars(names.flatMap((name) => tarsIn(join(out, name)).map((tar) => join(out, name, tar))));
}

/** Added up from the tars alone. */
function sumsOfTars(
  tars: readonly string[],
  without: ReadonlySet<string> = new Set(),
): Record<string, unknown> {
  const samples = tars.flatMap(readSamples).filter(({ key }) => !without.has(key));
  const jsons = samples.map(jsonOf);
  const length = (json: Record<string, unknown>, key: string): number =>
    ((json[key] as number[]) ?? []).length;
  const ones = (json: Record<string, unknown>, key: string): number =>
    ((json[key] as number[]) ?? []).reduce((sum, one) => sum + one, 0);
  const sum = (of: (json: Record<string, unknown>) => number): number =>
    jsons.reduce((total, json) => total + of(json), 0);
  return {
    shards: tars.length,
    samples: samples.length,
    frames: sum((json) => Number(json.frame_count)),
    tokens: expect.objectContaining({
      all: sum(
        (json) =>
          length(json, "token_ids") + length(json, "chosen_token_ids") + length(json, "rejected_token_ids"),
      ),
      loss: sum(
        (json) => ones(json, "loss_mask") + ones(json, "chosen_loss_mask") + ones(json, "rejected_loss_mask"),
      ),
    }),
    durationMs: sum((json) => (typeof json.duration === "number" ? Math.round(json.duration * 1000) : 0)),
    bytes: expect.any(Number),
  };
}

function checkShares(sets: readonly DrawnSet[], seed: number): void {
  const samples = draw(sets, drawn, seed);
  for (const { name, share, excluded } of sets) {
    const own = samples.filter(({ set }) => set === name);
    expect(isWithinBound(own.length, drawn, share), `${name}: ${own.length} of ${drawn}, ${share}`).toBe(
      true,
    );
    expect(own.filter(({ key }) => excluded.has(key))).toEqual([]);
  }
  const text = samples.filter(({ isText }) => isText).length;
  const share = sets.some(({ name }) => name.startsWith("smoltalk")) ? 0.14 : 0;
  expect(isWithinBound(text, drawn, share), `${text} texts`).toBe(true);
}

describe.each(Object.entries(stages))("the mix %s over the fixtures of its sets", (name, sets) => {
  it("is ready, adds up what the tars hold, and is drawn by a reader as it says", async () => {
    const answer = await shardmillJson<MixAnswer>(["mix", name, "--out", out]);
    expect(answer.problems).toEqual([]);
    expect(answer.mix.sets.map(({ dataset }) => dataset)).toEqual(sets);
    for (const { dataset, sums } of answer.mix.sets) expect(sums, dataset).toEqual(sumsOf([dataset]));
    expect(answer.mix.sums).toEqual(sumsOf(sets));
    const folder = join(out, "mixes", name);
    const read = webdatasetSets(folder);
    checkShares(read, 42);
    const energon = energonSets(folder);
    expect(energon.map(({ share, ...set }) => ({ ...set, share: share.toFixed(9) }))).toEqual(
      read.map(({ share, ...set }) => ({ ...set, share: share.toFixed(9) })),
    );
    const { data } = parse(await readFile(join(folder, "trainer/data.yaml"), "utf8")) as {
      data: { train_shards: string[]; text_shards?: string[]; text_ratio?: number };
    };
    const listed = [...data.train_shards, ...(data.text_shards ?? [])].map((path) =>
      join(folder, "trainer", path),
    );
    expect(listed).toEqual(read.flatMap(({ shards }) => shards));
    expect(data.text_ratio).toBe(name === "dpo" ? undefined : 0.14);
  });
});

it("a mix of one's own with weights and exclusions is drawn without what it leaves out", async () => {
  const file = join(scratch, "mine.yaml");
  await writeFile(
    file,
    `title: Mine
sets:
  - { dataset: llava-video-178k, weight: 2, exclude: { subsets: [0_30_s_academic_v0_1] } }
  - { dataset: sharegpt4video, weight: 1, subsets: [mixkit, panda] }
text: { dataset: smoltalk-stage3, share: 0.14 }
exclude: { keys: [sg4v-panda-p0001-000000] }
`,
  );
  const answer = await shardmillJson<MixAnswer>(["mix", file, "--out", out]);
  expect(answer.problems).toEqual([]);
  const read = webdatasetSets(join(out, "mixes/mine"));
  expect(read.map(({ share }) => share.toFixed(6))).toEqual(["0.573333", "0.286667", "0.140000"]);
  for (const { name, shards, excluded } of read)
    expect(answer.mix.sets.find(({ dataset }) => dataset === name)?.sums, name).toEqual(
      sumsOfTars(shards, excluded),
    );
  checkShares(read, 7);
  checkShares(energonSets(join(out, "mixes/mine")), 8);
  const keys = new Set(draw(read, drawn, 9).map(({ key }) => key));
  expect([...keys].filter((key) => /academic|pexels|panda-p0001-000000/.test(key))).toEqual([]);
  expect([...keys].some((key) => key.startsWith("sg4v-mixkit"))).toBe(true);
});

it("over all sets, commercial use costs what the user's own document says", async () => {
  const all = Object.values(stages).flat();
  const file = join(scratch, "all.yaml");
  const sets = all.map((dataset) => `  - ${dataset}\n`).join("");
  await writeFile(file, `title: All\nsets:\n${sets}differ: [text.loss, text.maxTokens]\n`);
  const config = join(scratch, "config/shardmill");
  await mkdir(config, { recursive: true });
  await writeFile(
    join(config, "config.yaml"),
    "terms: { the-cauldron: { subsets: { ai2d: { commercial: yes } } } }\n",
  );
  const asked = ["mix", file, "--out", out, "--check", "--for", "commercial"];
  const { commercial } = await shardmillJson<MixAnswer>(asked, { XDG_CONFIG_HOME: join(scratch, "config") });
  const names = (rowsOf: readonly { set: string }[]): string[] => rowsOf.map(({ set }) => set).sort();
  const must = ["llava-video-178k", "rlaif-v", "sharegpt4video", "vript-long", "vript-short"];
  expect(names(commercial.forbidden)).toEqual(must);
  for (const { set, sums } of commercial.forbidden) expect(sums, set).toEqual(sumsOf([set]));
  expect(names(commercial.unknown)).toEqual(["the-cauldron/nlvr2", "webvid"]);
  expect(names(commercial.stays)).toEqual(
    ["openvid-1m", ...Object.keys(rows), "the-cauldron/ai2d", "vista-400k"].sort(),
  );
  const said = await shardmill(asked);
  expect(said.code).toBe(1);
  expect(said.stderr).toContain("vript-long must go for commercial use: its terms forbid it");
  expect(said.stdout).toMatch(/name the authors \(openvid-1m[,)]/);
  expect(said.stdout).toMatch(/commercial: \d+ of \d+ samples go \([\d.]+ %\), [\d.]+ h of video/);
});

it("what was built with conditions has said them, and who accepted them is recorded", async () => {
  const acceptedIn = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(out, name, ".shardmill/terms.json"), "utf8")).accepted;
  expect(saidOf.get("vript-long")?.stderr).toContain("Vript, long videos (vript-long) has conditions");
  expect(await acceptedIn("vript-long")).toBe("option");
  expect(saidOf.get("sharegpt4video")?.stderr).toContain("build with --accept-terms");
  expect(await acceptedIn("sharegpt4video")).toBeNull();
  expect(saidOf.get("openvid-1m")?.stderr).not.toContain("has conditions");
});

it("a split of the stages is an output that none of them holds from then on, the same a second time", async () => {
  const file = join(scratch, "val.yaml");
  await writeFile(
    file,
    `title: Val
seed: 42
maxExcluded: 0.5
sets:
  - { dataset: the-cauldron, samples: 2 }
  - { dataset: openvid-1m, samples: 2 }
  - { dataset: smoltalk, samples: 2 }
`,
  );
  const asked = ["split", file, "--mix", "stage1,stage2,stage3", "--out", out];
  const made = await shardmill(asked);
  expect(made.code, made.stdout + made.stderr).toBe(0);
  const folder = join(out, "val");
  const hashes = shardHashes(folder);
  const chosen = tarsIn(folder).flatMap((tar) => readSamples(join(folder, tar)));
  expect(chosen.length).toBe(6);
  for (const sample of chosen) {
    const [own] = tarsIn(join(out, String(jsonOf(sample).eval_source)))
      .flatMap((tar) => readSamples(join(out, String(jsonOf(sample).eval_source), tar)))
      .filter(({ key }) => key === sample.key);
    const { eval_source: _, ...json } = jsonOf(sample);
    expect(own === undefined ? null : jsonOf(own)).toEqual(json);
    for (const [name, bytes] of sample.fields)
      if (name !== "json") expect(own?.fields.get(name)?.equals(bytes), `${sample.key}.${name}`).toBe(true);
  }
  for (const command of [
    ["verify", folder, "--deep"],
    ["status", "val", "--out", out],
    ["inspect", join(folder, tarsIn(folder)[0] ?? ""), chosen[0]?.key ?? ""],
    ["report", "val", "--from", out, "--out", join(scratch, "val-report")],
  ]) {
    const ended = await shardmill(command);
    expect(ended.code, `${command.join(" ")}: ${ended.stdout}${ended.stderr}`).toBe(0);
  }
  const keys = new Set(chosen.map(({ key }) => key));
  for (const stage of ["stage1", "stage2", "stage3"]) {
    const told = await shardmill(["mix", stage, "--out", out]);
    const isChosenFrom = chosen.some((sample) => stages[stage]?.includes(String(jsonOf(sample).eval_source)));
    if (isChosenFrom) expect(told.stdout).toMatch(/left out: .*\d+ samples? validation:val/);
    else expect(told.stdout).not.toContain("validation:val");
    const drawnKeys = draw(webdatasetSets(join(out, "mixes", stage)), 2000, 1).map(({ key }) => key);
    expect(drawnKeys.filter((key) => keys.has(key))).toEqual([]);
  }
  const again = await shardmill(asked);
  expect([again.code, shardHashes(folder)], again.stdout + again.stderr).toEqual([0, hashes]);
});
