import { composeRecipe, type Dataset, nameForm, pathProblem, stem } from "@shardmill/core";
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
    ...mediaMistakes(dataset),
    ...pathMistakes(dataset),
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
  if (rule.numbers !== undefined && countPartNumbers(rule.numbers) > maxPartNumbers)
    say("numbers", `expected at most ${maxPartNumbers} numbers`);
  mistakes.push(...ruleSubsetMistakes(rule, path, names.includes("subset")));
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

function ruleSubsetMistakes(
  { subset, subsets, withdrawn }: Dataset["parts"][number],
  path: (string | number)[],
  isInPath: boolean,
): Mistake[] {
  const mistakes: Mistake[] = [];
  if (subsets !== undefined && !isInPath)
    mistakes.push({ path: [...path, "subsets"], message: "the path holds no {subset}" });
  if (subset !== undefined && isInPath)
    mistakes.push({ path: [...path, "subset"], message: "the path says its subset" });
  for (const name of Object.keys(withdrawn ?? {}))
    if (subsets?.includes(name) !== true)
      mistakes.push({ path: [...path, "withdrawn", name], message: "subsets does not name it" });
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
  if (annotations.kind === "rows")
    return dataset.parts.flatMap((rule, index) =>
      rule.archive === "table"
        ? []
        : [{ path: ["parts", index, "archive"], message: "annotations of kind rows need parts of table" }],
    );
  if (annotations.kind === "beside")
    return dataset.parts.flatMap(({ archive }, index) =>
      archive === "images" || archive === "tar" || archive === "tar.gz"
        ? []
        : [
            {
              path: ["parts", index, "archive"],
              message: "annotations of kind beside need parts of images or tar",
            },
          ],
    );
  // They do not mix: a row is joined with nothing.
  const rows = dataset.parts.flatMap(({ archive }, index) => {
    const path = ["parts", index, "archive"];
    if (archive === "parquet") return [{ path, message: "parquet parts need inline annotations" }];
    if (archive === "table") return [{ path, message: "parts of table need annotations of kind rows" }];
    return archive === "urls" ? [{ path, message: "parts of urls need annotations of kind links" }] : [];
  });
  const patterns = annotations.files.flatMap(({ path }, index) => {
    const bad = placeholdersOf(path).filter((name) => name !== "subset");
    const at = ["annotations", "files", index, "path"];
    return bad.map((name) => ({ path: at, message: `{${name}} means nothing here; only {subset} does` }));
  });
  const twice = annotations.files.flatMap(({ path, subsets }, index) =>
    subsets !== undefined && placeholdersOf(path).includes("subset")
      ? [{ path: ["annotations", "files", index, "subsets"], message: "the path says its subset" }]
      : [],
  );
  const beside = annotations.files.flatMap(({ format }, index) =>
    format === "texts" && annotations.duplicates !== "all"
      ? [{ path: ["annotations", "files", index, "format"], message: "texts need duplicates: all" }]
      : [],
  );
  return [...rows, ...patterns, ...twice, ...beside];
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

/** What a sample shows, where its text and its pictures come from: what of these go together. */
function mediaMistakes({ media, annotations, text }: Dataset): Mistake[] {
  const isPair = text.adapter === "preference";
  const mistakes: Mistake[] = [];
  if (media === "pair" && !isPair)
    mistakes.push({ path: ["text", "adapter"], message: "media: pair needs the adapter preference" });
  if (isPair && media !== "pair" && media !== "none")
    mistakes.push({
      path: ["media"],
      message: "the adapter preference needs media: pair, or none for text alone",
    });
  if (media === "none" && annotations.kind !== "rows" && annotations.kind !== "inline")
    mistakes.push({
      path: ["annotations", "kind"],
      message: "without media the records are rows: inline (parquet), or rows",
    });
  if (media !== "none" && annotations.kind === "rows")
    mistakes.push({ path: ["media"], message: "annotations of kind rows are text alone: media: none" });
  return annotations.kind === "inline" ? [...mistakes, ...inlineMistakes(media, annotations)] : mistakes;
}

type InlineRule = Extract<Dataset["annotations"], { kind: "inline" }>;

/** Which column of its rows holds what a sample shows. */
function inlineMistakes(media: Dataset["media"], { images, video }: InlineRule): Mistake[] {
  const column = media === "video" ? "video" : "images";
  const at = (field: string, message: string): Mistake[] => [{ path: ["annotations", field], message }];
  if (media === "none") {
    if (images !== undefined) return at("images", "media: none shows no picture");
    return video === undefined ? [] : at("video", "media: none shows no clip");
  }
  if (images !== undefined && video !== undefined) return at("video", "expected either images or video");
  if ((column === "video" ? video : images) !== undefined) return [];
  // Pictures of a row may be shown as the frames of a clip.
  if (column === "video" && images !== undefined) return [];
  const what =
    column === "video"
      ? "video: the column that holds the clips"
      : "images: the column that holds the pictures";
  return [{ path: ["annotations"], message: `expected ${what}` }];
}

/** Paths into records, and what bounds need. */
function pathMistakes({ text, fields, bounds, media }: Dataset): Mistake[] {
  const paths: [readonly string[], string | undefined][] = [
    ...textFields.map((field): [string[], string | undefined] => [["text", field], text[field]]),
    ...Object.entries(fields).map(([name, { from }]): [string[], string] => [["fields", name, "from"], from]),
    [["bounds", "start"], bounds?.start],
    [["bounds", "end"], bounds?.end],
  ];
  const mistakes = paths.flatMap(([path, text_]) => {
    const problem = text_ === undefined ? null : pathProblem(text_);
    return problem === null ? [] : [{ path, message: problem }];
  });
  return bounds === undefined || media === "video"
    ? mistakes
    : [...mistakes, { path: ["bounds"], message: "only clips have bounds: media: video" }];
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
  const lists = dataset.parts.map((rule) => (rule.subset === undefined ? rule.subsets : [rule.subset]));
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
