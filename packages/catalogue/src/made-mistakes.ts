import { composeRecipe, Failure, type NamedRecipe } from "@shardmill/core";
import type { Mistake } from "./cross-check.ts";

/** A recipe by its name; a Failure `wrong_use` says which there are, or what is wrong with its file. */
export type FindRecipe = (name: string) => NamedRecipe;

/** What a mix says of how its outputs are made, wherever it says so: recipes that nobody has, and settings that no recipe takes. */
export function madeMistakes(mix: Readonly<Record<string, unknown>>, find: FindRecipe): Mistake[] {
  const sets: readonly unknown[] = Array.isArray(mix.sets) ? mix.sets : [];
  const whole = recipeOf(mix.recipe, ["recipe"], find);
  const places = [
    ...sets.map((set, index) => ({ of: set, path: ["sets", index] })),
    { of: mix.text, path: ["text"] },
  ];
  const made = places.flatMap(({ of, path }) => {
    const value: unknown = isMapping(of) ? of.made : undefined;
    return isMapping(value) ? outputMistakes(value, [...path, "made"], { find, whole: whole.recipe }) : [];
  });
  return [...whole.mistakes, ...made];
}

function outputMistakes(
  made: Readonly<Record<string, unknown>>,
  path: readonly (string | number)[],
  { find, whole }: { readonly find: FindRecipe; readonly whole: NamedRecipe | null },
): Mistake[] {
  const own = recipeOf(made.recipe, [...path, "recipe"], find);
  const named = made.recipe === undefined ? whole : own.recipe;
  const settings: unknown = made.set;
  // Others are refused by their form.
  if (!Array.isArray(settings) || !settings.every((one): one is string => /^[^=]+=/.test(String(one))))
    return own.mistakes;
  const composed = composeRecipe({}, settings, named?.recipe);
  if (composed.kind === "ok") return own.mistakes;
  return [...own.mistakes, ...composed.problems.map((message) => ({ path: [...path, "set"], message }))];
}

function recipeOf(
  name: unknown,
  path: readonly (string | number)[],
  find: FindRecipe,
): { readonly recipe: NamedRecipe | null; readonly mistakes: Mistake[] } {
  if (typeof name !== "string") return { recipe: null, mistakes: [] };
  try {
    return { recipe: find(name), mistakes: [] };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { recipe: null, mistakes: [{ path, message: error.message }] };
  }
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
