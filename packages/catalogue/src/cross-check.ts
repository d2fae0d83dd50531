import { composeRecipe, type Dataset, nameForm, stem } from "@shardmill/core";
import { countPartNumbers } from "./part-numbers.ts";
import { knownPlaceholders, placeholdersOf } from "./path-pattern.ts";
import { reservedSampleKeys } from "./sample-json.ts";
import { textFields } from "./text/text-adapter.ts";
import { textAdapterOf } from "./text/text-adapters.ts";

/** A mistake that the schema alone cannot see. */
export interface Mistake {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const maxPartNumbers = 100_000;

/** What must agree between the fields of an entry. */
export function crossCheck(dataset: Dataset, fileName: string): Mistake[] {
  return [
    ...nameMistakes(dataset, fileName),
    ...dataset.parts.flatMap((rule, index) => partRuleMistakes(rule, ["parts", index])),
    ...annotationMistakes(dataset),
    ...textMistakes(dataset),
    ...fieldMistakes(dataset),
    ...recipeMistakes(dataset.recipe),
    ...presetMistakes(dataset),
    ...subsetNameMistakes(dataset),
  ];
}

/** An entry is asked for by the name of its file. */
export function nameMistakes({ name }: { readonly name: string }, fileName: string): Mistake[] {
  if (stem(fileName) === name) return [];
  return [{ path: ["name"], message: `expected the file's name, ${stem(fileName)}` }];
}

function partRuleMistakes(rule: Dataset["parts"][number], path: (string | number)[]): Mistake[] {
  const mistakes: Mistake[] = [];
  const say = (field: string, message: string): void =>
    void mistakes.push({ path: [...path, field], message });
  const names = placeholdersOf(rule.path);
  for (const unknown of unknownPlaceholders(rule.path)) say("path", unknown);
  if (names.includes("piece")) say("path", "{piece} belongs into pieces");
  // Without {part} a pattern may name one file per subset, or a folder of images, and nothing else.
  const severalFiles = rule.path.includes("*") && rule.archive !== "images";
  if (!names.includes("part") && (severalFiles || rule.numbers !== undefined))
    say("path", "expected {part} in the pattern");
  if (names.includes("of") && !names.includes("part")) say("path", "{of} needs {part} beside it");
  if (rule.subsets !== undefined && !names.includes("subset")) say("subsets", "the path holds no {subset}");
  if (rule.numbers !== undefined && countPartNumbers(rule.numbers) > maxPartNumbers)
    say("numbers", `expected at most ${maxPartNumbers} numbers`);
  if (rule.pieces === undefined) return mistakes;
  for (const unknown of unknownPlaceholders(rule.pieces)) say("pieces", unknown);
  const inPieces = placeholdersOf(rule.pieces);
  for (const name of ["part", "subset"])
    if (inPieces.includes(name) !== names.includes(name))
      say("pieces", `expected {${name}} in both path and pieces, or in neither`);
  if (rule.archive !== "zip" && rule.archive !== "tar" && rule.archive !== "tar.gz")
    say("pieces", `${rule.archive} parts cannot be in pieces`);
  return mistakes;
}

function unknownPlaceholders(pattern: string): string[] {
  return placeholdersOf(pattern)
    .filter((name) => !knownPlaceholders.includes(name))
    .map((name) => `{${name}} is unknown; known are ${knownPlaceholders.map((n) => `{${n}}`).join(", ")}`);
}

function annotationMistakes(dataset: Dataset): Mistake[] {
  const { annotations } = dataset;
  if (annotations.kind === "inline")
    return dataset.parts.flatMap((rule, index) =>
      rule.archive === "parquet"
        ? []
        : [{ path: ["parts", index, "archive"], message: "inline annotations need parquet parts" }],
    );
  if (annotations.kind === "links")
    return dataset.parts.flatMap((rule, index) =>
      rule.archive === "urls"
        ? []
        : [{ path: ["parts", index, "archive"], message: "annotations of kind links need parts of urls" }],
    );
  if (annotations.kind === "none")
    return [{ path: ["annotations", "kind"], message: "without annotations no sample has a text" }];
  // They do not mix: a row is joined with nothing.
  const rows = dataset.parts.flatMap(({ archive }, index) => {
    const path = ["parts", index, "archive"];
    if (archive === "parquet") return [{ path, message: "parquet parts need inline annotations" }];
    return archive === "urls" ? [{ path, message: "parts of urls need annotations of kind links" }] : [];
  });
  const patterns = annotations.files.flatMap(({ path }, index) => {
    const bad = placeholdersOf(path).filter((name) => name !== "subset");
    const at = ["annotations", "files", index, "path"];
    return bad.map((name) => ({ path: at, message: `{${name}} means nothing here; only {subset} does` }));
  });
  return [...rows, ...patterns];
}

function textMistakes({ text }: Dataset): Mistake[] {
  const { fields } = textAdapterOf(text);
  const read = textFields.filter((field) => fields[field] !== undefined);
  return textFields
    .filter((field) => text[field] !== undefined && !read.includes(field))
    .map((field) => ({
      path: ["text", field],
      message: `the adapter ${text.adapter} reads ${read.join(", ")} and not this`,
    }));
}

function fieldMistakes(dataset: Dataset): Mistake[] {
  return Object.keys(dataset.fields)
    .filter((name) => reservedSampleKeys.includes(name))
    .map((name) => ({
      path: ["fields", name],
      message: "this key of the sample's JSON has a meaning already",
    }));
}

/** Of the key `recipe`: settings that no recipe has. */
export function recipeMistakes(recipe: Record<string, unknown>): Mistake[] {
  const composed = composeRecipe(recipe, []);
  if (composed.kind === "ok") return [];
  return composed.problems.map((problem) => {
    const [, key = "", message = problem] = /^recipe\.([^:]*): (.*)$/s.exec(problem) ?? [];
    return { path: ["recipe", ...key.split(".").filter((word) => word !== "")], message };
  });
}

function presetMistakes(dataset: Dataset): Mistake[] {
  const lists = dataset.parts.map((rule) => rule.subsets);
  if (lists.some((list) => list === undefined)) return [];
  const known = new Set(lists.flatMap((list) => list ?? []).map(nameForm));
  return Object.entries(dataset.presets).flatMap(([name, subsets]) =>
    subsets.flatMap((subset, index) =>
      known.has(nameForm(subset))
        ? []
        : [{ path: ["presets", name, index], message: `no part rule has the subset ${subset}` }],
    ),
  );
}

/** Two subsets under one name would be one subset. */
function subsetNameMistakes({ subsetNames }: Dataset): Mistake[] {
  const taken = new Map<string, string>();
  return Object.entries(subsetNames).flatMap(([source, name]) => {
    const other = taken.get(name);
    taken.set(name, source);
    if (other === undefined) return [];
    return [{ path: ["subsetNames", source], message: `${name} is the name of ${other} already` }];
  });
}
