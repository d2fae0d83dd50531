import type { Block, ReportDocument } from "./document/blocks.ts";
import { composeDocument, referencesOf } from "./document/compose-document.ts";
import { type ReportInput, unfinishedLines } from "./document/report-input.ts";
import { croissant, missingOfCroissant } from "./hub/croissant.ts";
import { datasetCard } from "./hub/dataset-card.ts";
import { bibtexOf } from "./references/bibtex.ts";
import { chartSvg } from "./render/chart.ts";
import { renderHtml } from "./render/html.ts";
import { renderMarkdown } from "./render/markdown.ts";

/** The texts of a report, by their paths in its folder; sample sheets lie beside them. Same facts, same texts. */
export interface ReportFiles {
  readonly texts: ReadonlyMap<string, string>;
  /** What a reader should know of the files, a line each. */
  readonly notes: readonly string[];
}

export const recordName = "report.json";

export function sheetPath(output: string): string {
  return `sets/${output}/sheet.png`;
}

export function reportFiles(input: ReportInput): ReportFiles {
  const document = composeDocument(input);
  const references = referencesOf(input);
  const texts = new Map<string, string>([
    ["report.md", renderMarkdown(document)],
    ["report.html", renderHtml(document)],
    ["references.bib", references.entries.map((entry) => `${bibtexOf(entry)}\n`).join("\n")],
    ...chartsOf(document),
  ]);
  for (const set of input.sets) {
    texts.set(`sets/${set.facts.name}/README.md`, datasetCard(set));
    texts.set(`sets/${set.facts.name}/croissant.json`, jsonText(croissant(set)));
  }
  const sheets = input.sets.flatMap(({ facts, sheet }) =>
    sheet.length === 0 ? [] : [sheetPath(facts.name)],
  );
  texts.set(recordName, jsonText(recordOf(input, [...texts.keys(), ...sheets, recordName].sort())));
  return { texts, notes: [...references.problems, ...input.sets.flatMap(missingOfCroissant)] };
}

function chartsOf({ blocks }: ReportDocument): [string, string][] {
  const charts = blocks.flatMap((block: Block) => (block.kind === "charts" ? block.charts : []));
  return charts.map((chart) => [chart.file, `${chartSvg(chart)}\n`]);
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The figures for a program, and which files are the report's own. */
function recordOf(input: ReportInput, files: readonly string[]): unknown {
  return {
    version: 1,
    unfinished: unfinishedLines(input),
    mixes: input.mixes.map(({ plan }) => ({
      name: plan.name,
      title: plan.title,
      identity: plan.identity,
      sums: plan.sums,
      sets: plan.sets.map(({ facts, role, weight, share, sums }) => ({
        set: facts.name,
        role,
        weight,
        share,
        sums,
      })),
    })),
    sets: input.sets.map((set) => ({
      name: set.facts.name,
      entry: set.facts.entry,
      purpose: set.dataset.purpose,
      sums: set.facts.sums,
      subsets: set.facts.subsets,
      parts: set.parts,
      counts: set.counts,
      unmatched: set.unmatched,
      revisions: set.revisions,
      committed: set.committed,
      toolchains: set.toolchains,
      terms: set.terms,
      distributions: set.distributions,
      read: set.read,
    })),
    models: input.models.map(({ name, license, terms }) => ({ name, license, terms })),
    references: referencesOf(input).entries.map(({ key }) => key),
    files,
  };
}
