import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  Failure,
  type ModelEntry,
  modelEntrySchema,
  type NamedRecipe,
  namedRecipeSchema,
  type TokenizerEntry,
  tokenizerEntrySchema,
} from "@shardmill/core";
import { parse } from "yaml";
import type { z } from "zod";
import { nearestName } from "./nearest-name.ts";

/** Recipes, tokenizers and models that have a name. */
export interface Presets {
  /** A Failure `wrong_use` that names those there are. */
  recipe(name: string): NamedRecipe;
  recipes(): readonly NamedRecipe[];
  /** Null: no entry has the name, which may be that of a folder. */
  tokenizer(name: string): TokenizerEntry | null;
  tokenizerNames(): readonly string[];
  /** A Failure `wrong_use` that names the nearest one. */
  model(name: string): ModelEntry;
  models(): readonly ModelEntry[];
}

/** Reads `recipes/*.yaml`, `tokenizers/*.yaml` and `models/*.yaml` of the folders, in order; those of a later folder (the user's own) replace earlier ones. */
export async function loadPresets(folders: readonly string[]): Promise<Presets> {
  const recipes = new Map<string, NamedRecipe>();
  const tokenizers = new Map<string, TokenizerEntry>();
  const models = new Map<string, ModelEntry>();
  for (const folder of folders) {
    for (const { name, value } of await entries(join(folder, "recipes"), namedRecipeSchema))
      recipes.set(name, { name, ...value });
    for (const { name, value } of await entries(join(folder, "tokenizers"), tokenizerEntrySchema))
      tokenizers.set(name, value);
    for (const { name, value } of await entries(join(folder, "models"), modelEntrySchema))
      models.set(name, { ...value, name });
  }
  return {
    recipe: (name) => recipes.get(name) ?? unknown("recipe", name, [...recipes.keys()]),
    recipes: () => [...recipes.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    tokenizer: (name) => tokenizers.get(name) ?? null,
    tokenizerNames: () => [...tokenizers.keys()].sort(),
    model: (name) =>
      models.get(name) ?? unknown("model", name, [...models.keys()], "; or give owner/name of a repository"),
    models: () => [...models.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

async function entries<T extends z.ZodType>(
  folder: string,
  schema: T,
): Promise<{ name: string; value: z.output<T> }[]> {
  if (!existsSync(folder)) return [];
  const files = (await readdir(folder)).filter((file) => /\.ya?ml$/.test(file)).sort();
  return Promise.all(
    files.map(async (file) => {
      const parsed = schema.safeParse(parsedYaml(file, await readFile(join(folder, file), "utf8")));
      if (parsed.success) return { name: file.replace(/\.ya?ml$/, ""), value: parsed.data };
      const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
      throw new Failure("wrong_use", `${join(folder, file)} holds mistakes: ${problems.join("; ")}`);
    }),
  );
}

function parsedYaml(file: string, text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw new Failure("wrong_use", `${file} is no YAML: ${(cause as Error).message.split("\n")[0]}`, {
      cause,
    });
  }
}

function unknown(kind: string, name: string, known: readonly string[], more = ""): never {
  const nearest = nearestName(name, known);
  const hint =
    nearest === null ? `known are ${[...known].sort().join(", ")}${more}` : `did you mean ${nearest}?`;
  throw new Failure("wrong_use", `unknown ${kind} ${name}; ${hint}`);
}
