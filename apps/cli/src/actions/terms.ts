import { type Catalogue, nearestName, type Presets } from "@shardmill/catalogue";
import { type Architecture, type Dataset, Failure, nameForm, subsetNameOf, termsOf } from "@shardmill/core";
import type { CommandContext } from "../context/command-context.ts";
import { noteInvalid } from "./note-invalid.ts";

type Known = "yes" | "no" | "unknown";

/** A line of the table: a set, one of its subsets, a model that can be fetched, or one that is only cited. */
interface TermsLine {
  readonly kind: "dataset" | "subset" | "model" | "cited";
  readonly name: string;
  readonly purpose: string;
  readonly commercial: Known;
  readonly redistribution: Known;
  readonly license: string;
  readonly requires: readonly string[];
  readonly url: string | null;
}

export async function showTerms(
  context: CommandContext,
  name: string | undefined,
  options: { readonly json?: true },
): Promise<void> {
  const { console } = context;
  const [catalogue, presets] = [await context.catalogue(), await context.presets()];
  const lines =
    name === undefined
      ? [...catalogue.list().flatMap((dataset) => datasetLines(dataset, true)), ...modelLines(presets)]
      : linesOf(name, catalogue, presets);
  if (options.json === true) return console.json(lines);
  const rows = lines.map(({ kind, name: shown, purpose, commercial, redistribution, license }) => [
    kind === "subset" ? `  ${shown}` : shown,
    kind === "subset" ? "" : purpose,
    commercial,
    redistribution,
    license,
  ]);
  console.table(["name", "for", "commercial", "redistribution", "licence"], rows, [
    "left",
    "left",
    "left",
    "left",
    "left",
  ]);
  if (name !== undefined)
    for (const text of new Set(lines.flatMap(({ requires }) => requires))) console.out(`asks for: ${text}`);
  noteInvalid(console, [...catalogue.invalid, ...presets.invalid]);
}

function linesOf(name: string, catalogue: Catalogue, presets: Presets): TermsLine[] {
  const dataset = catalogue.list().find((one) => one.name === name);
  if (dataset !== undefined) return datasetLines(dataset, false);
  const models = modelLines(presets);
  const model = models.find((one) => one.name === name);
  if (model !== undefined) return [model];
  const known = [...catalogue.list(), ...models].map((one) => one.name);
  const nearest = nearestName(name, known);
  const hint = nearest === null ? "see: shardmill terms" : `did you mean ${nearest}?`;
  throw new Failure("wrong_use", `there is no dataset or model ${name}; ${hint}`);
}

/** With a line for each subset: `short` leaves out those of which no more is known than of the dataset. */
function datasetLines(dataset: Dataset, short: boolean): TermsLine[] {
  const { name, purpose, license, terms } = dataset;
  const own = new Set(Object.keys(dataset.subsetTerms).map(nameForm));
  const listed = dataset.parts
    .flatMap(({ subset, subsets }) => subsets ?? subset ?? [])
    .map((subset) => subsetNameOf(dataset, subset));
  const subsets = [...new Set([...listed, ...Object.keys(dataset.subsetTerms)].map(nameForm))];
  const shown = short ? subsets.filter((subset) => own.has(subset)) : subsets;
  return [
    {
      kind: "dataset",
      name,
      purpose: purpose === "eval" ? "evaluation" : "training",
      license,
      ...rowOf(terms),
    },
    ...shown.map((subset): TermsLine => {
      const of = termsOf(dataset, subset);
      return { kind: "subset", name: subset, purpose, license: of.license, ...rowOf(of) };
    }),
  ];
}

function rowOf({ commercial, redistribution, requires, url }: Dataset["terms"]) {
  return { commercial, redistribution, requires, url: url ?? null };
}

function modelLines(presets: Presets): TermsLine[] {
  const lineOf = (
    kind: TermsLine["kind"],
    { name, purpose, license, terms, repo }: Architecture,
  ): TermsLine => ({
    kind,
    name,
    purpose,
    license,
    ...terms,
    requires: [],
    url: `https://huggingface.co/${repo}`,
  });
  return [
    ...presets.models().map((model) => lineOf("model", model)),
    ...presets.architectures().map((cited) => lineOf("cited", cited)),
  ];
}
