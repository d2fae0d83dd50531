import { bibtexOf } from "../references/bibtex.ts";
import { type Cited, gatherReferences, type References } from "../references/gather-references.ts";
import type { Block, ReportDocument } from "./blocks.ts";
import { listWords } from "./figures.ts";
import { licenceBlocks } from "./licence-blocks.ts";
import { processingBlocks } from "./processing-blocks.ts";
import { type ReportInput, unfinishedLines } from "./report-input.ts";
import { evaluationBlocks, modelBlocks, stageBlocks, summaryBlocks } from "./summary-blocks.ts";

/** All that is cited: sets first, then models. */
export function referencesOf({ sets, models }: Pick<ReportInput, "sets" | "models">): References {
  const cited: Cited[] = [
    ...sets.map(({ facts, dataset }) => citedOf({ ...dataset, name: facts.name })),
    ...models.map(citedOf),
  ];
  return gatherReferences(cited);
}

function citedOf({ name, citation, bibtex }: Cited): Cited {
  return { name, citation, bibtex };
}

/** The provenance document: the same facts, the same words. It has no date but those that the records hold. */
export function composeDocument(input: ReportInput): ReportDocument {
  const unfinished = unfinishedLines(input);
  const references = referencesOf(input);
  return {
    title: unfinished.length === 0 ? "Data provenance" : "Data provenance (draft: not finished)",
    subtitle: subtitleOf(input),
    blocks: [
      ...(unfinished.length === 0
        ? []
        : [
            {
              kind: "notice",
              title: "Not finished: the figures below are of what there is so far",
              lines: unfinished,
            } satisfies Block,
          ]),
      ...summaryBlocks(input),
      ...stageBlocks(input),
      ...evaluationBlocks(input),
      ...modelBlocks(input),
      ...licenceBlocks(input),
      ...(input.sets.length === 0 ? [] : processingBlocks(input)),
      ...referenceBlocks(references),
    ],
  };
}

function subtitleOf({ mixes, sets, models }: ReportInput): string {
  const named = [
    ...mixes.map(({ plan }) => plan.title),
    ...(mixes.length === 0 ? sets.map(({ dataset }) => dataset.title) : []),
    ...(mixes.length === 0 && sets.length === 0 ? models.map(({ title }) => title) : []),
  ];
  return [...new Set(named)].join("; ");
}

function referenceBlocks({ citations, entries, problems }: References): Block[] {
  if (citations.length === 0 && entries.length === 0 && problems.length === 0) return [];
  return [
    { kind: "heading", level: 2, text: "References" },
    { kind: "list", items: citations.map(({ text, names }) => [`${text} (`, listWords(names), ")"]) },
    ...(problems.length === 0
      ? []
      : [{ kind: "notice", title: "Not taken over", lines: problems } satisfies Block]),
    ...(entries.length === 0
      ? []
      : [
          { kind: "heading", level: 3, text: "BibTeX" } satisfies Block,
          { kind: "source", language: "bibtex", text: entries.map(bibtexOf).join("\n\n") } satisfies Block,
        ]),
  ];
}
