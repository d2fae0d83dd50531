import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkCroissant } from "../../packages/report/testing/check-croissant.ts";
import { hasChromium, noChromium, openBrowser } from "../dashboard/open-browser.ts";
import { jsonOf, readSamples, tarsIn } from "../support/read-shards.ts";
import { type Ended, shardmill } from "../support/shardmill.ts";
import { evaluation, stages, TrainingHouse } from "./training-house.ts";

const training = Object.values(stages).flat();
const names = [...Object.keys(stages), ...evaluation, "smollm2-135m", "dinov2-small", "smolvlm"];

interface Numbers {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  readonly sum: number;
}
interface ToldSet {
  readonly name: string;
  readonly sums: Record<string, unknown>;
  readonly counts: { readonly members: number; readonly packed: number };
  readonly distributions: readonly { kind: string; count: number; numbers: Numbers | null }[];
}
interface Told {
  readonly unfinished: readonly string[];
  readonly sets: readonly ToldSet[];
  readonly references: readonly string[];
  readonly files: readonly string[];
}

let house: TrainingHouse;
let folder: string;
let ended: Ended;
let told: Told;

beforeAll(async () => {
  house = await TrainingHouse.open();
  folder = join(house.scratch, "report");
  ended = await report(...names);
  told = JSON.parse(readFileSync(join(folder, "report.json"), "utf8")) as Told;
});
afterAll(() => house.close());

function report(...args: string[]): Promise<Ended> {
  return shardmill(["report", ...args, "--from", house.out, "--out", folder, "--tars", "all"]);
}

function hashes(): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    statSync(join(folder, file)).isFile(),
  );
  return Object.fromEntries(
    files.sort().map((file) => [
      file,
      createHash("sha256")
        .update(readFileSync(join(folder, file)))
        .digest("hex"),
    ]),
  );
}

const lengthOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0);
const onesOf = (value: unknown): number =>
  Array.isArray(value) ? value.filter((one) => one === 1).length : 0;

/** Figures of an output from its tars alone. */
function recounted(name: string) {
  const tars = tarsIn(join(house.out, name)).map((tar) => join(house.out, name, tar));
  const samples = tars.flatMap(readSamples);
  const jsons = samples.map(jsonOf);
  const sides = ["", "chosen_", "rejected_"];
  const tokens = jsons.map((json) =>
    sides.reduce((sum, side) => sum + lengthOf(json[`${side}token_ids`]), 0),
  );
  const loss = jsons.map((json) => sides.reduce((sum, side) => sum + onesOf(json[`${side}loss_mask`]), 0));
  return {
    shards: tars.length,
    samples: samples.length,
    bytes: tars.reduce((sum, tar) => sum + statSync(tar).size, 0),
    // The placeholder of a text is no frame of it, which its JSON says.
    frames: samples.map(({ fields }, at) =>
      jsons[at]?.frame_count === 0 ? 0 : [...fields.keys()].filter((field) => field.endsWith("jpg")).length,
    ),
    durations: jsons.flatMap(({ duration }) => (typeof duration === "number" ? [duration] : [])),
    tokens: tokens.filter((count) => count > 0),
    loss: tokens.some((count) => count > 0) ? loss : [],
  };
}

const sumOf = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0);

describe("the report of a run", () => {
  it("is written and finished", () => {
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(told.unfinished).toEqual([]);
    expect(told.sets.map(({ name }) => name).sort()).toEqual([...training, ...evaluation].sort());
    expect(Object.keys(hashes())).toEqual([...told.files].sort());
  });

  it.each([...training, ...evaluation])("has the figures of %s as its tars have them", (name) => {
    const set = told.sets.find((one) => one.name === name);
    const { shards, samples, bytes, frames, durations, tokens, loss } = recounted(name);
    expect(set?.sums).toMatchObject({ shards, samples, bytes, frames: sumOf(frames) });
    expect(set?.sums.durationMs).toBe(sumOf(durations.map((seconds) => Math.round(seconds * 1000))));
    if (tokens.length > 0) expect(set?.sums.tokens).toMatchObject({ all: sumOf(tokens), loss: sumOf(loss) });
    const text = readFileSync(join(folder, "report.md"), "utf8");
    const row = text.split("\n").find((line) => line.startsWith(`| \`${name}\` | `)) ?? "";
    expect(row).toContain(`| ${samples} | `);
    const figures = new Map(set?.distributions.map((one) => [one.kind, one]));
    const isText = name.startsWith("smoltalk");
    for (const [kind, values] of [
      ["frames", isText ? [] : frames],
      ["tokens", tokens],
      ["loss", loss],
    ] as const) {
      if (values.length === 0) expect(figures.has(kind), kind).toBe(false);
      else
        expect(figures.get(kind), kind).toMatchObject({
          count: values.length,
          numbers: { min: Math.min(...values), max: Math.max(...values), sum: sumOf(values) },
        });
    }
    expect(figures.get("duration")?.count ?? 0).toBe(durations.length);
    expect(figures.get("duration")?.numbers?.max ?? 0).toBeCloseTo(Math.max(0, ...durations), 0);
  });

  it("tells stages with their shares, 14 % of them text", () => {
    const text = readFileSync(join(folder, "report.md"), "utf8");
    expect(text).toMatch(/\| `smoltalk-stage1` \| text \| — \| 14\.0 % \| 3 \| — \|/);
    expect(text).toContain("### Preference pairs (dpo)");
  });

  it("reaches its licence conclusion from the terms", () => {
    const text = readFileSync(join(folder, "report.md"), "utf8");
    expect(text).toContain("**All training sets together: non-commercial use only.**");
    expect(text).toContain("**For a commercial model leave out:** rlaif-v, whose terms forbid it.");
    expect(text).toContain("**Leave out as well, until their terms are known:** webvid.");
    expect(text).toMatch(/\*\*What remains:\*\* openvid-1m and smoltalk-stage1: 8 of 16 samples/);
  });

  it("has the references of all that it names, each once", () => {
    const bib = readFileSync(join(folder, "references.bib"), "utf8");
    const keys = [...bib.matchAll(/^@\w+\{([^,]+),$/gm)].map(([, key]) => key);
    expect(keys).toEqual(told.references);
    expect(keys).toEqual(
      expect.arrayContaining([
        ...["nan2025openvid", "benallal2025smollm2", "yu2025rlaifv"],
        ...["li2024mvbench", "oquab2024dinov2", "marafioti2025smolvlm"],
      ]),
    );
    expect(bib.match(/\{/g)?.length).toBe(bib.match(/\}/g)?.length);
  });

  it.each([...training, ...evaluation])("describes %s in Croissant's format", (name) => {
    const value = JSON.parse(readFileSync(join(folder, `sets/${name}/croissant.json`), "utf8")) as {
      distribution: { "@id": string; sha256?: string }[];
    };
    expect(checkCroissant(value)).toEqual([]);
    for (const tar of tarsIn(join(house.out, name))) {
      const hash = createHash("sha256")
        .update(readFileSync(join(house.out, name, tar)))
        .digest("hex");
      expect(value.distribution.find((file) => file["@id"] === tar)?.sha256).toBe(hash);
    }
  });

  it("is the same again, byte by byte", async () => {
    const before = hashes();
    expect((await report(...names)).code).toBe(0);
    expect(hashes()).toEqual(before);
  });

  it("is a page without script that fits a phone and shows its pictures", async () => {
    if (!hasChromium) throw new Error(noChromium);
    const browser = await openBrowser();
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
      const said: string[] = [];
      page.on("console", (message) => said.push(message.text()));
      await page.goto(pathToFileURL(join(folder, "report.html")).href);
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 844 });
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      }
      expect(await page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")).toBe(true);
      // A set of texts has no pictures: what its samples begin with stands there.
      const pictured = told.sets.filter(({ name }) => !name.startsWith("smoltalk"));
      expect(await page.evaluate("document.images.length")).toBe(pictured.length);
      expect(await page.evaluate("document.scripts.length")).toBe(0);
      // Its style sheet is let through by its hash.
      expect(await page.evaluate("getComputedStyle(document.querySelector('table')).borderCollapse")).toBe(
        "collapse",
      );
      expect(said).toEqual([]);
    } finally {
      await browser.close();
    }
  });

  it("tells all mistakes at once, and writes nothing", async () => {
    writeFileSync(join(folder, "mine.txt"), "mine");
    const refused = await report("stag1", "nobody", "openvid-1m");
    expect(refused.code).toBe(2);
    expect(refused.stderr.trim().split("\n")).toEqual([
      expect.stringMatching(/^refused: stag1: no output of that name .*did you mean stage1\?$/),
      expect.stringMatching(/^refused: nobody: no output of that name/),
      expect.stringMatching(/^refused: --out .* has files of no report \(mine\.txt\)/),
    ]);
  });
});
