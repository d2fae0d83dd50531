import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { loadPresets } from "./load-presets.ts";
import { problemText } from "./read-entry.ts";

/** What a mix says of how its outputs are made: a mistake of its file, told with all others before anything is looked up. */
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "shardmill-mixes-"));
  await mkdir(join(folder, "recipes"));
  await writeFile(join(folder, "recipes/seed-stage2.yaml"), "title: S\nrecipe: { size: 384 }\n");
  await writeFile(join(folder, "recipes/spoiled.yaml"), "title: S\nrecipe: { sise: 384 }\n");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function problemsOf(yaml: string): Promise<string[]> {
  const read = (await loadPresets([folder])).parseMix(yaml, "mine.yaml");
  return (read.kind === "ok" ? read.value : read).problems.map(problemText);
}

it("recipes that nobody has, wherever they are named, beside every other mistake", async () => {
  const yaml = `title: T
recipe: seed-stag2
sets:
  - { dataset: clips, weight: many, made: { recipe: nobody-has-it } }
  - { dataset: more, weight: 1, made: { recipe: spoiled } }
text:
  dataset: words
  share: 2
  made: { recipe: seed-stage-2 }
`;
  expect(await problemsOf(yaml)).toEqual([
    "sets.0.weight (line 4): expected a number that is not negative, or natural",
    "text.share (line 8): expected a share below 1",
    "recipe (line 2): unknown recipe seed-stag2; did you mean seed-stage2?",
    "sets.0.made.recipe (line 4): unknown recipe nobody-has-it; known are seed-stage2",
    expect.stringMatching(/^sets\.1\.made\.recipe \(line 5\): recipes\/spoiled\.yaml holds mistakes: .*sise/),
    "text.made.recipe (line 9): unknown recipe seed-stage-2; did you mean seed-stage2?",
  ]);
});

it("settings that no recipe takes", async () => {
  const made = "made: { recipe: seed-stage2, set: [sise=3, rows=0-9] }";
  expect(await problemsOf(`title: T\nsets:\n  - { dataset: clips, ${made} }\n`)).toEqual([
    "sets.0.made.set (line 3): recipe.sise: no recipe has this setting",
  ]);
});

it("nothing of a mix whose recipes are there", async () => {
  const made = "made: { recipe: seed-stage2, set: [rows=0-9] }";
  expect(await problemsOf(`title: T\nrecipe: seed-stage2\nsets: [{ dataset: clips, ${made} }]\n`)).toEqual(
    [],
  );
});
