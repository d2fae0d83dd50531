import type { Dataset } from "@shardmill/core";
import type { CommandContext } from "../context/command-context.ts";
import { countText } from "../text/format.ts";
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

function listDatasets(console: CommandContext["console"], datasets: readonly Dataset[]): void {
  const rows = datasets.map((d) => [
    d.name,
    d.media,
    d.expected.parts === undefined ? "" : countText(d.expected.parts),
    d.expected.annotations === undefined ? "" : countText(d.expected.annotations),
    d.license,
    d.title,
  ]);
  console.table(["dataset", "media", "parts", "annotations", "licence", "title"], rows, [
    "left",
    "left",
    "right",
    "right",
    "left",
    "left",
  ]);
}

function showDataset(console: CommandContext["console"], dataset: Dataset): void {
  console.out(console.paint("bold", `${dataset.title} (${dataset.name})`));
  if (dataset.description !== "") console.out(dataset.description.trim());
  const place =
    dataset.source.kind === "hub"
      ? `Hub ${dataset.source.repo} at ${dataset.source.revision}`
      : dataset.source.kind;
  const facts: [string, string][] = [
    ["source", place],
    ["media", dataset.media],
    ["licence", `${dataset.license}${dataset.licenseNote === "" ? "" : `; ${dataset.licenseNote.trim()}`}`],
    ["homepage", dataset.homepage ?? ""],
    ["parts", dataset.expected.parts === undefined ? "as listed" : countText(dataset.expected.parts)],
    ["presets", Object.keys(dataset.presets).join(", ")],
    ["citation", dataset.citation.trim()],
  ];
  for (const [label, value] of facts) if (value !== "") console.out(`  ${label.padEnd(10)}${value}`);
  if (dataset.bibtex !== "") console.out(`\n${dataset.bibtex.trim()}`);
}
