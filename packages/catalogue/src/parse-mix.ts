import { type MixEntry, mixEntrySchema, namePattern, stem } from "@shardmill/core";
import { parse } from "yaml";
import type { Mistake } from "./cross-check.ts";
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
export function parseMix(yamlText: string, fileName: string): ReadEntry<MixDraft> {
  const name = stem(fileName);
  const read = readEntry(yamlText, mixEntrySchema, mixMistakes);
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
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
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

/** What the schema cannot see. */
function mixMistakes({ sets, text, exclude }: MixEntry): Mistake[] {
  const weights = sets.map(({ weight }) => weight);
  const given = weights.filter((weight) => weight !== "natural");
  const mistakes: Mistake[] = [];
  if (given.length > 0 && given.length < sets.length)
    mistakes.push({
      path: ["sets", weights.indexOf("natural"), "weight"],
      message: "other sets have a weight: give every set one, or none",
    });
  else if (given.length > 0 && given.every((weight) => weight === 0))
    mistakes.push({ path: ["sets"], message: "the weights sum to nothing" });
  if (!Number.isFinite(given.reduce((sum, weight) => sum + weight, 0)))
    mistakes.push({ path: ["sets"], message: "the weights sum to more than a number holds" });
  const seen = new Map<string, string>();
  const all = [
    ...sets.map(({ dataset }, index) => ({ dataset, path: ["sets", index, "dataset"] })),
    ...(text === undefined ? [] : [{ dataset: text.dataset, path: ["text", "dataset"] }]),
  ];
  for (const { dataset, path } of all) {
    const first = seen.get(dataset);
    if (first === undefined) seen.set(dataset, path.join("."));
    else mistakes.push({ path, message: `${dataset} is named at ${first} already` });
  }
  return [...mistakes, ...twiceExcluded(exclude.keys)];
}

function twiceExcluded(keys: readonly string[]): Mistake[] {
  const seen = new Set<string>();
  return keys.flatMap((key, index) => {
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [{ path: ["exclude", "keys", index], message: `${key} is named twice` }];
  });
}
