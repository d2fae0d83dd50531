import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type Architecture,
  architectureSchema,
  type ModelEntry,
  modelEntrySchema,
  type NamedRecipe,
  namedRecipeSchema,
  nameHint,
  namePattern,
  type SplitEntry,
  splitEntrySchema,
  stem,
  type TokenizerEntry,
  tokenizerEntrySchema,
} from "@shardmill/core";
import { nameMistakes, recipeMistakes } from "./cross-check.ts";
import { EntryShelf, type InvalidEntry } from "./entry-shelf.ts";
import { type MixDraft, parseMix } from "./parse-mix.ts";
import { type ReadEntry, readEntry } from "./read-entry.ts";

/** Recipes, tokenizers, models and mixes that have a name. */
export interface Presets {
  /** A Failure `wrong_use` that names those there are, or tells the mistakes of its file. */
  recipe(name: string): NamedRecipe;
  recipes(): readonly NamedRecipe[];
  /** Null: no entry has the name, which may be that of a folder. A Failure `wrong_use` tells the mistakes of its file. */
  tokenizer(name: string): TokenizerEntry | null;
  tokenizerNames(): readonly string[];
  /** A Failure `wrong_use` that names the nearest one. */
  model(name: string): ModelEntry;
  models(): readonly ModelEntry[];
  /** Models that are cited, and not fetched. */
  architectures(): readonly Architecture[];
  /** Its file's mistakes are in it. A Failure `wrong_use` that names the nearest one. */
  mix(name: string): MixDraft;
  mixes(): readonly MixDraft[];
  /** A mix that is no preset, from its file. */
  parseMix(yamlText: string, fileName: string): ReadEntry<MixDraft>;
  /** A Failure `wrong_use` that names the nearest one, or tells the mistakes of its file. */
  split(name: string): SplitEntry;
  splits(): readonly SplitEntry[];
  /** Files of all that hold mistakes: they spoil no other. */
  readonly invalid: readonly InvalidEntry[];
}

/** Reads `recipes/*.yaml`, `tokenizers/*.yaml`, `models/*.yaml`, `architectures/*.yaml`, `mixes/*.yaml` and `splits/*.yaml` of the folders, in order; those of a later folder (the user's own) replace earlier ones. */
export async function loadPresets(folders: readonly string[]): Promise<Presets> {
  const below = (name: string): string[] => folders.map((folder) => join(folder, name)).filter(existsSync);
  const recipes = await EntryShelf.read(below("recipes"), {
    word: "recipe",
    place: "recipes/",
    parse: parseRecipe,
  });
  const tokenizers = await EntryShelf.read(below("tokenizers"), {
    word: "tokenizer",
    place: "tokenizers/",
    parse: parseTokenizer,
  });
  const models = await EntryShelf.read(below("models"), {
    word: "model",
    place: "models/",
    more: "; or give owner/name of a repository",
    parse: parseModel,
  });
  const architectures = await EntryShelf.read(below("architectures"), {
    word: "architecture",
    place: "architectures/",
    parse: parseArchitecture,
  });
  // A mix says by which recipes its outputs are made.
  const readMix = (yamlText: string, fileName: string): ReadEntry<MixDraft> =>
    parseMix(yamlText, fileName, (name) => recipes.get(name));
  const mixes = await EntryShelf.read(below("mixes"), {
    word: "mix",
    place: "mixes/",
    more: "; or give the path of a file",
    parse: readMix,
  });
  const splits = await EntryShelf.read(below("splits"), {
    word: "split",
    place: "splits/",
    more: "; or give the path of a file",
    parse: parseSplit,
  });
  return {
    recipe: (name) => recipes.get(name),
    recipes: () => recipes.all,
    tokenizer: (name) => tokenizers.find(name),
    tokenizerNames: () => tokenizers.names,
    model: (name) => models.get(name),
    models: () => models.all,
    architectures: () => architectures.all,
    mix: (name) => mixes.get(name),
    mixes: () => mixes.all,
    parseMix: readMix,
    split: (name) => splits.get(name),
    splits: () => splits.all,
    invalid: [recipes, tokenizers, models, architectures, mixes, splits].flatMap(({ invalid }) => invalid),
  };
}

function parseRecipe(yamlText: string, fileName: string): ReadEntry<NamedRecipe> {
  const read = readEntry(yamlText, namedRecipeSchema, ({ recipe }) => recipeMistakes(recipe));
  return read.kind === "ok" ? { kind: "ok", value: { name: stem(fileName), ...read.value } } : read;
}

export function parseSplit(yamlText: string, fileName: string): ReadEntry<SplitEntry> {
  const name = stem(fileName);
  const read = readEntry(yamlText, splitEntrySchema, () =>
    namePattern.test(name) ? [] : [{ path: [], message: `it is named ${name}: ${nameHint}` }],
  );
  return read.kind === "ok" ? { kind: "ok", value: { name, ...read.value } } : read;
}

function parseTokenizer(yamlText: string, fileName: string): ReadEntry<TokenizerEntry> {
  return readEntry(yamlText, tokenizerEntrySchema, (entry) => nameMistakes(entry, fileName));
}

function parseArchitecture(yamlText: string, fileName: string): ReadEntry<Architecture> {
  return readEntry(yamlText, architectureSchema, (entry) => nameMistakes(entry, fileName));
}

function parseModel(yamlText: string, fileName: string): ReadEntry<ModelEntry> {
  return readEntry(yamlText, modelEntrySchema, (entry) => nameMistakes(entry, fileName));
}
