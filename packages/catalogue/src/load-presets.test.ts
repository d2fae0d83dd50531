import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { shipped as entryOf } from "../testing/shipped.ts";
import { loadPresets, problemText } from "./index.ts";

const shipped = fileURLToPath(new URL("../../../config", import.meta.url));

const recipe = "title: Mine\nrecipe:\n  text:\n    format: tokens\n";
const tokenizer = `name: mine
title: Mine
license: MIT
repo: owner/mine
files:
  tokenizer.json: ${"a".repeat(64)}
`;

describe("recipes and tokenizers", () => {
  let own = "";
  beforeEach(async () => {
    own = await mkdtemp(join(tmpdir(), "shardmill-presets-"));
    await mkdir(join(own, "recipes"));
    await mkdir(join(own, "tokenizers"));
  });
  afterEach(() => rm(own, { recursive: true, force: true }));

  const put = (name: string, text: string): Promise<void> => writeFile(join(own, name), text);
  const problems = async (): Promise<string[]> =>
    (await loadPresets([shipped, own])).invalid.flatMap(({ file, problems: found }) =>
      found.map((problem) => `${file}: ${problemText(problem)}`),
    );

  it("that are shipped hold no mistake, and a folder without any is none", async () => {
    await rm(own, { recursive: true });
    expect(await problems()).toEqual([]);
    const presets = await loadPresets([shipped, own]);
    expect(presets.recipes().map(({ name }) => name)).toContain("seed-stage3");
    expect(presets.tokenizerNames()).toEqual(["smollm2"]);
    expect(presets.tokenizer("mine")).toBeNull();
    expect(() => presets.recipe("seed-stage4")).toThrow(
      "unknown recipe seed-stage4; did you mean seed-stage",
    );
  });

  it("of the user come after the shipped ones, and replace them", async () => {
    await put("recipes/mine.yaml", recipe);
    await put("recipes/seed-stage1.yaml", recipe);
    await put("tokenizers/mine.yml", tokenizer);
    const presets = await loadPresets([shipped, own]);
    expect(presets.invalid).toEqual([]);
    expect(presets.recipe("mine")).toEqual({
      name: "mine",
      title: "Mine",
      recipe: { text: { format: "tokens" } },
    });
    expect(presets.recipe("seed-stage1").title).toBe("Mine");
    expect(presets.tokenizer("mine")).toMatchObject({ repo: "owner/mine", revision: "main" });
  });

  it("with mistakes spoil themselves alone: each is told with key path and line, by whoever asks for it", async () => {
    await put("recipes/spoiled.yaml", `titel: x\n${recipe.replace("tokens", "token")}    sistem: x\n`);
    await put("recipes/mine.yaml", recipe);
    await put("tokenizers/spoiled.yaml", tokenizer.replace("owner/mine", "mine"));
    await put("tokenizers/mine.yaml", tokenizer);
    const presets = await loadPresets([shipped, own]);
    expect(presets.recipe("mine").title).toBe("Mine");
    expect(presets.recipe("seed-stage3").name).toBe("seed-stage3");
    expect(presets.tokenizer("mine")).not.toBeNull();
    expect(presets.invalid.map(({ file }) => file)).toEqual([
      "recipes/spoiled.yaml",
      "tokenizers/spoiled.yaml",
    ]);
    expect(() => presets.recipe("spoiled")).toThrow(
      "recipes/spoiled.yaml holds mistakes: titel (line 1): unknown key",
    );
    expect(() => presets.tokenizer("spoiled")).toThrow(
      /^tokenizers\/spoiled\.yaml holds mistakes: repo \(line 4\): expected owner\/name$/,
    );
    expect(() => presets.recipe("spoilt")).toThrow("did you mean spoiled?");
  });

  it("are held against what a recipe takes, and what its file is called", async () => {
    await put("recipes/mine.yaml", `${recipe.replace("tokens", "token")}  fps: -1\n`);
    await put("tokenizers/other.yaml", tokenizer);
    expect(await problems()).toEqual([
      expect.stringMatching(/^recipes\/mine\.yaml: recipe\.fps \(line 5\): /),
      expect.stringMatching(/^recipes\/mine\.yaml: recipe\.text\.format \(line 4\): /),
      "tokenizers/other.yaml: name (line 1): expected the file's name, other",
    ]);
  });

  it("that are no YAML, no file, or name what is not there are told as well", async () => {
    await put("recipes/a.yaml", "title: [x\n");
    await put("recipes/b.yaml", "title: *nobody\n");
    await mkdir(join(own, "recipes/c.yaml"));
    await symlink("nowhere", join(own, "recipes/d.yaml"));
    await put("recipes/e.yaml", "");
    await put("recipes/f.yaml", recipe);
    const told = await problems();
    expect(told.map((line) => line.split(":")[0])).toEqual(
      ["a", "b", "c", "d", "e"].map((name) => `recipes/${name}.yaml`),
    );
    expect(told[0]).toMatch(/\(line 2\): /);
    expect(told[1]).toContain("nobody");
    expect(told.slice(2, 4)).toEqual([
      "recipes/c.yaml: cannot be read (EISDIR)",
      "recipes/d.yaml: cannot be read (ENOENT)",
    ]);
    expect((await loadPresets([shipped, own])).recipe("f").name).toBe("f");
  });

  it("of the user that hold mistakes are not those that are shipped under the name", async () => {
    await put("recipes/seed-stage1.yaml", "title: Mine\n");
    const presets = await loadPresets([shipped, own]);
    expect(() => presets.recipe("seed-stage1")).toThrow("recipes/seed-stage1.yaml holds mistakes: recipe: ");
    expect(presets.recipes().map(({ name }) => name)).not.toContain("seed-stage1");
  });
});

describe("the shipped validation set", () => {
  it("asks for ten thousand samples, of datasets and subsets that the catalogue knows", async () => {
    const { sets } = (await loadPresets([shipped])).split("val-10k");
    expect(sets.reduce((sum, { samples }) => sum + samples, 0)).toBe(10_000);
    for (const { dataset, subsets = [] } of sets) {
      const known = entryOf(dataset).parts.flatMap((part) => part.subsets ?? []);
      expect(subsets.filter((subset) => !known.includes(subset))).toEqual([]);
    }
  });
});
