import type { Dataset } from "@shardmill/core";
import type { CommandContext } from "../context/command-context.ts";
import { bytesText, countText, tableText, wrappedText } from "../text/format.ts";
import { noteInvalid } from "./note-invalid.ts";

export async function showDatasets(
  { console, catalogue }: CommandContext,
  name: string | undefined,
  options: { readonly json?: true },
): Promise<void> {
  const entries = await catalogue();
  const shown = name === undefined ? entries.list() : [entries.get(name)];
  if (options.json === true) return console.json(name === undefined ? shown : shown[0]);
  if (name === undefined) listDatasets(console, shown);
  else for (const dataset of shown) showDataset(console, dataset);
  noteInvalid(console, entries.invalid);
}

const purposes: Readonly<Record<Dataset["purpose"], string>> = {
  train: "for training",
  eval: "for evaluation, never for training",
};

function listDatasets(console: CommandContext["console"], datasets: readonly Dataset[]): void {
  const groups = (["train", "eval"] as const)
    .map((purpose) => ({ purpose, own: datasets.filter((dataset) => dataset.purpose === purpose) }))
    .filter(({ own }) => own.length > 0);
  for (const [at, { purpose, own }] of groups.entries()) {
    console.out(`${at === 0 ? "" : "\n"}${console.paint("bold", purposes[purpose])}`);
    const [header = "", ...rows] = tableText(columns, own.map(rowOf), aligned);
    console.out(console.paint("bold", header));
    for (const [index, dataset] of own.entries()) {
      console.out(rows[index] ?? "");
      for (const line of wrappedText(toldOf(dataset), lineWidth - 4))
        console.out(console.paint("dim", `    ${line}`));
    }
  }
  console.out("\nshardmill datasets NAME shows terms, citation and all that is odd about one");
}

/** Whatever the terminal: a list that is piped looks the same. */
const lineWidth = 80;
const columns = ["dataset", "media", "records", "about", "commercial", "redistribution"];
const aligned = ["left", "left", "right", "right", "left", "left"] as const;

function rowOf({ name, media, expected, terms, parts }: Dataset): string[] {
  const { annotations, subsetSamples = {}, bytesPerSample } = expected;
  const known = annotations ?? Object.values(subsetSamples).reduce((sum, samples) => sum + samples, 0);
  const subsets = parts.flatMap((rule) => rule.subsets ?? []);
  const isPart = annotations === undefined && subsets.some((subset) => subsetSamples[subset] === undefined);
  const figures = known === 0 ? ["", ""] : [countText(known), bytesText(known * bytesPerSample)];
  const told = figures.map((figure) => (isPart && figure !== "" ? `over ${figure}` : figure));
  return [name, media, ...told, terms.commercial, terms.redistribution];
}

/** Below its row: the licence, and what is to be known first. */
function toldOf({ license, odd }: Dataset): string {
  const [short = license] = license.split(" (");
  const [first, ...others] = odd;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return first === undefined ? short : `${short}. Odd: ${first}${more}`;
}

function showDataset(console: CommandContext["console"], dataset: Dataset): void {
  console.out(console.paint("bold", `${dataset.title} (${dataset.name})`));
  for (const line of wrappedText(dataset.description, lineWidth)) console.out(line);
  const place =
    dataset.source.kind === "hub"
      ? `Hub ${dataset.source.repo} at ${dataset.source.revision}`
      : dataset.source.kind;
  const facts: [string, string][] = [
    ["source", place],
    ["media", dataset.media],
    ["licence", [dataset.license, dataset.licenseNote.trim()].filter((text) => text !== "").join(". ")],
    ["for", purposes[dataset.purpose].replace("for ", "")],
    ["terms", termsText(dataset)],
    ["homepage", dataset.homepage ?? ""],
    ["parts", dataset.expected.parts === undefined ? "as listed" : countText(dataset.expected.parts)],
    ["presets", Object.keys(dataset.presets).join(", ")],
    ["citation", dataset.citation.trim()],
  ];
  for (const [label, value] of facts) hanging(console, `  ${label.padEnd(10)}`, value);
  if (dataset.odd.length > 0) console.out("  odd");
  for (const line of dataset.odd) hanging(console, "    - ", line);
  if (dataset.bibtex !== "") console.out(`\n${dataset.bibtex.trim()}`);
}

/** The text behind its label, and its further lines below its first word. */
function hanging(console: CommandContext["console"], label: string, text: string): void {
  for (const [at, line] of wrappedText(text, lineWidth - label.length).entries())
    console.out(`${at === 0 ? label : " ".repeat(label.length)}${line}`);
}

/** Where they are to be read, too, where that is not the homepage. */
function termsText({ terms, homepage }: Dataset): string {
  const { commercial, redistribution, requires, url } = terms;
  const words = [`commercial use: ${commercial}`, `redistribution: ${redistribution}`, ...requires];
  return `${words.join("; ")}${url === undefined || url === homepage ? "" : ` (${url})`}`;
}
