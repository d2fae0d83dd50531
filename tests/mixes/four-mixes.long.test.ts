import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { hasChromium, noChromium, openBrowser } from "../dashboard/open-browser.ts";
import { expectFigures, toldBy } from "../report/told-figures.ts";
import { type Stages, TrainingHouse, textRows } from "../report/training-house.ts";
import { jsonOf, readSamples, shardHashes, tarsIn } from "../support/read-shards.ts";
import { shardmill, shardmillJson } from "../support/shardmill.ts";
import { type DrawnSet, draw, energonSets, isWithinBound, webdatasetSets } from "./drawn.ts";
import { sumsOf, sumsOfTars } from "./sums-of-tars.ts";

const drawn = 20_000;
const stages: Stages = {
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

let house: TrainingHouse;
let scratch: string;
let out: string;

beforeAll(async () => {
  house = await TrainingHouse.open({ stages, accepts: (name) => name === "vript-long" });
  ({ scratch, out } = house);
});
afterAll(() => house.close());

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
    for (const { dataset, sums } of answer.mix.sets) expect(sums, dataset).toEqual(sumsOf(out, [dataset]));
    expect(answer.mix.sums).toEqual(sumsOf(out, sets));
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
  for (const { set, sums } of commercial.forbidden) expect(sums, set).toEqual(sumsOf(out, [set]));
  expect(names(commercial.unknown)).toEqual(["the-cauldron/nlvr2", "webvid"]);
  expect(names(commercial.stays)).toEqual(
    ["openvid-1m", ...Object.keys(textRows), "the-cauldron/ai2d", "vista-400k"].sort(),
  );
  const said = await shardmill(asked);
  expect(said.code).toBe(1);
  expect(said.stderr).toContain("vript-long must go for commercial use: its terms forbid it");
  expect(said.stdout).toMatch(/name the authors \(openvid-1m[,)]/);
  expect(said.stdout).toMatch(/commercial: \d+ of \d+ samples go \([\d.]+ %\), [\d.]+ h of video/);
});

describe("one report of all four mixes", () => {
  const all = Object.values(stages).flat();
  const folder = (): string => join(scratch, "report");
  const read = (): Promise<string> => readFile(join(folder(), "report.md"), "utf8");

  it("has every figure of every set as the tars have it, and the shares of the stages", async () => {
    const ended = await shardmill(
      ["report", ...Object.keys(stages), "--from", out, "--out", folder()].concat(["--tars", "all"]),
    );
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    const told = toldBy(folder());
    expect([told.unfinished, told.sets.map(({ name }) => name).sort()]).toEqual([[], all.toSorted()]);
    for (const name of all) expectFigures({ report: folder(), told, out }, name);
    const lines = (await read()).split("\n");
    for (const [stage, sets] of Object.entries(stages)) {
      const counts = sets.map((name) => Number(sumsOf(out, [name]).samples));
      const isText = sets.map((name) => name.startsWith("smoltalk"));
      const vision = counts.reduce((sum, count, at) => sum + (isText[at] ? 0 : count), 0);
      const text = isText.includes(true) ? 0.14 : 0;
      for (const [at, name] of sets.entries()) {
        const share = isText[at] ? text : ((1 - text) * (counts[at] ?? 0)) / vision;
        const role = isText[at] ? "text | —" : "vision | natural";
        const row = `| \`${name}\` | ${role} | ${(share * 100).toFixed(1)} % | ${counts[at]} |`;
        expect(
          lines.filter((line) => line.startsWith(row)),
          `${stage}: ${row}`,
        ).toHaveLength(1);
      }
    }
    const samples = all.reduce((sum, name) => sum + Number(sumsOf(out, [name]).samples), 0);
    expect(lines.some((line) => line.startsWith(`| **all** |  |  | **${samples}** |`))).toBe(true);
  });

  it("comes to the conclusion of the user's own document, with his citations", async () => {
    const text = await read();
    expect(text).toContain("**All training sets together: non-commercial use only.**");
    expect(text).toContain(
      "**For a commercial model leave out:** llava-video-178k, vript-long, vript-short, sharegpt4video and rlaif-v, whose terms forbid it.",
    );
    const keys = [
      ...["nan2025openvid", "laurencon2024matters", "benallal2025smollm2", "zhang2024llava_video"],
      ...["ren2025vista", "chen2024sharegpt4video", "yang2024vript", "yu2025rlaifv"],
    ];
    expect(toldBy(folder()).references).toEqual(expect.arrayContaining(keys));
  });

  it("is a page that a browser shows whole", async () => {
    if (!hasChromium) throw new Error(noChromium);
    const browser = await openBrowser();
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
      await page.goto(pathToFileURL(join(folder(), "report.html")).href);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(1280);
      expect(await page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")).toBe(true);
      // For a look at it: SHARDMILL_IMAGES is a folder.
      const images = process.env.SHARDMILL_IMAGES;
      if (images !== undefined)
        await page.screenshot({ path: join(images, "four-mixes.png"), fullPage: true });
    } finally {
      await browser.close();
    }
  });
});

it("what was built with conditions has said them, and who accepted them is recorded", async () => {
  const acceptedIn = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(out, name, ".shardmill/terms.json"), "utf8")).accepted;
  expect(house.said.get("vript-long")?.stderr).toContain("Vript, long videos (vript-long) has conditions");
  expect(await acceptedIn("vript-long")).toBe("option");
  expect(house.said.get("sharegpt4video")?.stderr).toContain("build with --accept-terms");
  expect(await acceptedIn("sharegpt4video")).toBeNull();
  expect(house.said.get("openvid-1m")?.stderr).not.toContain("has conditions");
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

  // What is taken out of the split itself stays out: the split is frozen, and says that it would be another now.
  const [gone] = chosen;
  for (const command of [
    ["withdraw", folder, gone?.key ?? "", "--rewrite"],
    ["verify", folder],
  ]) {
    const ended = await shardmill(command);
    expect(ended.code, `${command.join(" ")}: ${ended.stdout}${ended.stderr}`).toBe(0);
  }
  expect(await shardmill(asked)).toMatchObject({ code: 1, stdout: expect.stringContaining("changed:") });
  const left = tarsIn(folder).flatMap((tar) => readSamples(join(folder, tar)));
  expect(left.map(({ key }) => key)).toEqual(chosen.slice(1).map(({ key }) => key));
});
