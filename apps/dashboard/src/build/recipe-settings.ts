import type { BuildDetail } from "@shardmill/api/contract";

type Recipe = BuildDetail["recipe"];

/** A recipe's settings by their paths, as `text.maxTokens`, in the recipe's order. */
export function settingsOf(recipe: Recipe): (readonly [path: string, value: string])[] {
  return Object.entries(recipe).flatMap(([name, value]) => pathsOf(name, value));
}

/** The settings that ask for this very recipe; null where one of them cannot be written as `path=value`. */
export function askedSettings(recipe: Recipe): string[] | null {
  const words = settingsOf(recipe).map(([path, value]) => `${path}=${value}`);
  return words.length <= 50 && words.every((word) => /^[A-Za-z.]+=[A-Za-z0-9_.-]+$/.test(word))
    ? words
    : null;
}

function pathsOf(path: string, value: Recipe[string]): (readonly [string, string])[] {
  if (value === null || typeof value !== "object" || Array.isArray(value))
    return [[path, typeof value === "string" ? value : JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, inner]) => pathsOf(`${path}.${key}`, inner));
}
