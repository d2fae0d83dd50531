import { type MixEntry, mixEntrySchema, namePattern, stem } from "@shardmill/core";
import { parse } from "yaml";
import type { Mistake } from "./cross-check.ts";
import { type FindRecipe, madeMistakes } from "./made-mistakes.ts";
import { type EntryProblem, type ReadEntry, readEntry } from "./read-entry.ts";

/** A mix as its file has it. One with mistakes still names its sets, so that what is wrong with those is told with them. */
export interface MixDraft {
  readonly name: string;
  /** Null: the file holds mistakes. */
  readonly entry: MixEntry | null;
  readonly problems: readonly EntryProblem[];
  /** The outputs that it names, by the path of the key. */
  readonly named: readonly { readonly path: string; readonly dataset: string }[];
}

/** Fails only where the text is no YAML. */
export function parseMix(yamlText: string, fileName: string, recipe: FindRecipe): ReadEntry<MixDraft> {
  const name = stem(fileName);
  const check = (value: unknown): Mistake[] => mixMistakes(value, recipe);
  const read = readEntry(yamlText, mixEntrySchema, check, check);
  const raw = contentOf(yamlText);
  if (raw === null) return read.kind === "ok" ? { kind: "invalid", problems: [] } : read;
  const { sets, text } = raw;
  const named = namesOf(Array.isArray(sets) ? sets : [], text);
  const [entry, problems] = read.kind === "ok" ? [read.value, []] : [null, read.problems];
  return { kind: "ok", value: { name, entry, problems, named } };
}

function contentOf(yamlText: string): Record<string, unknown> | null {
  try {
    const value: unknown = parse(yamlText);
    return isMapping(value) ? value : null;
  } catch {
    // What is wrong with it is told by readEntry.
    return null;
  }
}

function namesOf(sets: readonly unknown[], text: unknown): MixDraft["named"] {
  const of = (value: unknown, path: string): { path: string; dataset: string }[] => {
    const inside = typeof value === "object" && value !== null && "dataset" in value ? value.dataset : null;
    const [dataset, key] = typeof value === "string" ? [value, path] : [inside, `${path}.dataset`];
    // Another is no name of an output, which the schema tells.
    return typeof dataset === "string" && namePattern.test(dataset) ? [{ path: key, dataset }] : [];
  };
  return [...sets.flatMap((value, index) => of(value, `sets.${index}`)), ...of(text, "text")];
}

/** What the schema cannot see; of a mix that it refuses, as far as that can be told. */
function mixMistakes(value: unknown, recipe: FindRecipe): Mistake[] {
  if (!isMapping(value)) return [];
  const sets: readonly unknown[] = Array.isArray(value.sets) ? value.sets : [];
  const seen = new Map<string, string>();
  const mistakes = weightMistakes(sets);
  for (const { path, dataset } of namesOf(sets, value.text)) {
    const first = seen.get(dataset);
    if (first === undefined) seen.set(dataset, path);
    else mistakes.push({ path: path.split("."), message: `${dataset} is named at ${first} already` });
  }
  const keys: unknown = isMapping(value.exclude) ? value.exclude.keys : [];
  const excluded = twiceExcluded(Array.isArray(keys) ? keys : []);
  return [...mistakes, ...excluded, ...madeMistakes(value, recipe)];
}

function weightMistakes(sets: readonly unknown[]): Mistake[] {
  const weights = sets.map((set) => (isMapping(set) ? (set.weight ?? "natural") : "natural"));
  const given = weights.filter((weight) => weight !== "natural");
  const numbers = given.filter((weight): weight is number => typeof weight === "number" && weight >= 0);
  const mistakes: Mistake[] = [];
  if (given.length > 0 && given.length < sets.length)
    mistakes.push({
      path: ["sets", weights.indexOf("natural"), "weight"],
      message: "other sets have a weight: give every set one, or none",
    });
  else if (given.length > 0 && given.every((weight) => weight === 0))
    mistakes.push({ path: ["sets"], message: "the weights sum to nothing" });
  // One without end is told by the schema.
  const sum = numbers.filter(Number.isFinite).reduce((total, weight) => total + weight, 0);
  if (!Number.isFinite(sum))
    mistakes.push({ path: ["sets"], message: "the weights sum to more than a number holds" });
  return mistakes;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function twiceExcluded(keys: readonly unknown[]): Mistake[] {
  const seen = new Set<unknown>();
  return keys.flatMap((key, index) => {
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [{ path: ["exclude", "keys", index], message: `${key} is named twice` }];
  });
}
