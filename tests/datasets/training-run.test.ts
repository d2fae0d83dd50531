import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { composeRecipe } from "@shardmill/core";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type Catalogue,
  loadCatalogue,
  loadPresets,
  type Presets,
} from "../../packages/catalogue/src/index.ts";

const config = fileURLToPath(new URL("../../config", import.meta.url));
const docs = readFileSync(new URL("../../docs/datasets.md", import.meta.url), "utf8");

/** The sets that this project's user trains on, and those that he evaluates with, as his own table calls them. */
const trainingRows = [
  ...["The Cauldron", "OpenVid-1M", "Vript long", "LLaVA-Video-178K", "VISTA-400K", "VISTA, extra subsets"],
  ...["ShareGPT4Video", "RLAIF-V", "SmolTalk", "LLaVA YouTube", "WebVid (valid subset)", "Vript short"],
];
const evaluationRows = ["Video-MME", "MVBench", "MLVU"];

/** A row's commands, without the word shardmill. */
const told = new Map(
  docs
    .slice(docs.indexOf("### The sets of a training run"), docs.indexOf("## The smallest entry"))
    .split("\n")
    .flatMap((line): [string, string[]][] => {
      const [, row, what] = /^\| ([^|]+) \| (.*`build .*) \|$/.exec(line) ?? [];
      if (row === undefined || what === undefined) return [];
      return [[row, [...what.matchAll(/`(build [^`]+)`/g)].map(([, command]) => command ?? "")]];
    }),
);

let catalogue: Catalogue;
let presets: Presets;
beforeAll(async () => {
  catalogue = await loadCatalogue(`${config}/datasets`);
  presets = await loadPresets([config]);
});

/** A command taken apart; an option that no build has is an error. */
function parsed(command: string) {
  const { values, positionals } = parseArgs({
    args: command.split(" "),
    allowPositionals: true,
    options: {
      preset: { type: "string" },
      recipe: { type: "string" },
      as: { type: "string" },
      source: { type: "string" },
      set: { type: "string", multiple: true },
    },
  });
  return { ...values, name: positionals[1] ?? "" };
}

it("docs/datasets.md has a line for every set of the run, and no other", () => {
  expect([...told.keys()].sort()).toEqual([...trainingRows, ...evaluationRows].sort());
});

describe.each([...trainingRows, ...evaluationRows])("the line of %s", (row) => {
  it("is a build of an entry that there is, with presets, recipes and settings that there are", () => {
    const commands = told.get(row) ?? [];
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) {
      const { name, preset, recipe, set = [], source } = parsed(command);
      const dataset = catalogue.get(name);
      expect(dataset.purpose, name).toBe(evaluationRows.includes(row) ? "eval" : "train");
      if (preset !== undefined) expect(Object.keys(dataset.presets), name).toContain(preset);
      expect(source === undefined, `${name} needs a folder`).toBe(dataset.source.kind !== "folder");
      const named = recipe === undefined ? {} : presets.recipe(recipe).recipe;
      expect(composeRecipe(dataset.recipe, set, named)).toMatchObject({ kind: "ok" });
    }
  });
});

it("VISTA's two lines are different outputs, and share no subset", () => {
  const [main, extra] = ["VISTA-400K", "VISTA, extra subsets"].map((row) => parsed(told.get(row)?.[0] ?? ""));
  expect(main?.name).toBe(extra?.name);
  expect(main?.as).not.toBe(extra?.as);
  const dataset = catalogue.get("vista-400k");
  const subsets = [main, extra].flatMap((build) => dataset.presets[build?.preset ?? ""] ?? []);
  expect([...subsets].sort()).toEqual([...(dataset.parts[0]?.subsets ?? [])].sort());
});
