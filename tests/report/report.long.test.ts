import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkCroissant } from "../../packages/report/testing/check-croissant.ts";
import { hasChromium, noChromium, openBrowser } from "../dashboard/open-browser.ts";
import { tarsIn } from "../support/read-shards.ts";
import { type Ended, shardmill } from "../support/shardmill.ts";
import { expectFigures, type Told, toldBy } from "./told-figures.ts";
import { TrainingHouse } from "./training-house.ts";

/** The outputs of the stages that are told. */
const stages = { stage1: ["openvid-1m", "webvid", "smoltalk-stage1"], dpo: ["rlaif-v"] };
const evaluation = ["mvbench"];
const training = Object.values(stages).flat();
const names = [...Object.keys(stages), ...evaluation, "smollm2-135m", "dinov2-small", "smolvlm"];

let house: TrainingHouse;
let folder: string;
let ended: Ended;
let told: Told;

beforeAll(async () => {
  house = await TrainingHouse.open({ stages, evaluation });
  folder = join(house.scratch, "report");
  ended = await report(...names);
  told = toldBy(folder);
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

describe("the report of a run", () => {
  it("is written and finished", () => {
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(told.unfinished).toEqual([]);
    expect(told.sets.map(({ name }) => name).sort()).toEqual([...training, ...evaluation].sort());
    expect(Object.keys(hashes())).toEqual([...told.files].sort());
  });

  it.each([...training, ...evaluation])("has the figures of %s as its tars have them", (name) =>
    expectFigures({ report: folder, told, out: house.out }, name),
  );

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
