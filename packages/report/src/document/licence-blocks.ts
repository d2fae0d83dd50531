import { commercialCost, jointTerms, rowName, type TermsRow } from "@shardmill/mixes";
import type { SetFacts } from "../facts/set-facts.ts";
import type { Block, Inline } from "./blocks.ts";
import { countWords, hoursWords, listWords, pluralWords, shareWords } from "./figures.ts";
import { known } from "./known.ts";
import { evaluationSets, type ReportedMix, type ReportInput, trainingTerms } from "./report-input.ts";

/** What may be done with all of it, worked out from the terms of each set. Unknown never counts as yes. */
export function licenceBlocks(input: ReportInput): Block[] {
  const rows = trainingTerms(input);
  return [
    { kind: "heading", level: 2, text: "Licence analysis" },
    ...termsTable(input.sets),
    ...(rows.length === 0 ? [] : conclusionBlocks(rows)),
    ...(rows.length === 0 || input.mixes.length === 0 ? [] : stagesBlocks(input.mixes)),
    ...askedBlocks(rows),
    ...evaluationTerms(evaluationSets(input)),
    ...modelTerms(input),
    {
      kind: "paragraph",
      text: [
        "Worked out from the terms that the catalogue and its user have recorded. It is no legal advice.",
      ],
    },
  ];
}

function termsTable(sets: readonly SetFacts[]): Block[] {
  const rows = sets.flatMap(({ terms, dataset }) =>
    terms.map((row) => [
      { kind: "code", text: rowName(row) } as const,
      row.terms.license,
      known(row.terms.commercial),
      known(row.terms.redistribution),
      linkOf(row, dataset.homepage),
    ]),
  );
  if (rows.length === 0) return [];
  return [
    {
      kind: "table",
      caption: "Terms of each set; of each subset where they differ",
      header: ["Set", "Licence", "Commercial use", "Redistribution", "Terms"],
      align: [],
      rows,
    },
    ...notesOf(sets),
  ];
}

function linkOf({ terms }: TermsRow, homepage: string | undefined): Inline {
  const url = terms.url ?? homepage;
  return url === undefined ? "" : { kind: "link", text: "terms", url };
}

function notesOf(sets: readonly SetFacts[]): Block[] {
  const items = sets.flatMap(({ facts, dataset }): Inline[][] => {
    const note = dataset.licenseNote.replace(/\s+/g, " ").trim();
    return note === "" ? [] : [[{ kind: "strong", text: `${facts.name}: ` }, note]];
  });
  return items.length === 0 ? [] : [{ kind: "list", items }];
}

function names(rows: readonly TermsRow[]): string {
  return listWords(rows.map(rowName));
}

function conclusionBlocks(rows: readonly TermsRow[]): Block[] {
  const { commercial, redistribution } = jointTerms(rows);
  const cost = commercialCost(rows);
  return [
    { kind: "heading", level: 3, text: "Conclusion" },
    {
      kind: "paragraph",
      text: [{ kind: "strong", text: togetherWords(commercial) }, ...academicWords(rows)],
    },
    ...(commercial === "yes" ? [] : [{ kind: "list", items: commercialItems(cost) } satisfies Block]),
    { kind: "paragraph", text: [redistributionWords(rows, redistribution)] },
  ];
}

function togetherWords(commercial: TermsRow["terms"]["commercial"]): string {
  switch (commercial) {
    case "no":
      return "All training sets together: non-commercial use only.";
    case "unknown":
      return "All training sets together: commercial use is not known to be allowed, and so is not.";
    case "yes":
      return "All training sets together: commercial use is allowed, under the conditions below.";
    default:
      return commercial satisfies never;
  }
}

/** Sets whose own words confine them to research or teaching. */
function academicWords(rows: readonly TermsRow[]): Inline[] {
  const academic = rows.filter(({ terms }) =>
    [terms.license, ...terms.requires].some((text) => /\bacademic\b/i.test(text)),
  );
  return academic.length === 0 ? [] : [` Academic use only, because of ${names(academic)}.`];
}

function commercialItems({
  forbidden,
  unknown,
  kept,
  goes,
  stays,
}: ReturnType<typeof commercialCost>): Inline[][] {
  const total = goes.samples + stays.samples;
  const share = total === 0 ? 0 : stays.samples / total;
  return [
    ...(forbidden.length === 0
      ? []
      : [[strong("For a commercial model leave out: "), `${names(forbidden)}, whose terms forbid it.`]]),
    ...(unknown.length === 0
      ? []
      : [[strong("Leave out as well, until their terms are known: "), `${names(unknown)}.`]]),
    [
      strong("What remains: "),
      kept.length === 0
        ? "nothing."
        : `${names(kept)}: ${countWords(stays.samples)} of ${pluralWords(total, "sample")} (${shareWords(share)}), ${hoursOf(stays.durationMs)}.`,
    ],
    [strong("What that costs: "), `${pluralWords(goes.samples, "sample")}, ${hoursOf(goes.durationMs)}.`],
  ];
}

function strong(text: string): Inline {
  return { kind: "strong", text };
}

function hoursOf(durationMs: number | null): string {
  if (durationMs === null) return "an unknown number of hours of video";
  return durationMs === 0 ? "no video" : `${hoursWords(durationMs)} h of video`;
}

function redistributionWords(rows: readonly TermsRow[], joint: TermsRow["terms"]["redistribution"]): string {
  const of = (word: string): TermsRow[] => rows.filter(({ terms }) => terms.redistribution === word);
  const [no, unknown] = [of("no"), of("unknown")];
  if (joint === "yes") return "The shards of all training sets may be redistributed under their terms.";
  return [
    ...(no.length === 0 ? [] : [`May not be redistributed: ${names(no)}.`]),
    ...(unknown.length === 0 ? [] : [`Not known to be redistributable: ${names(unknown)}.`]),
  ].join(" ");
}

/** What is left of each stage without what may not be used commercially. */
function stagesBlocks(mixes: readonly ReportedMix[]): Block[] {
  const rows = mixes.map(({ plan }) => {
    const { kept, goes, stays } = commercialCost(plan.sets.flatMap(({ terms }) => terms));
    const total = goes.samples + stays.samples;
    return [
      `${plan.title} (${plan.name})`,
      known(jointTerms(plan.sets.flatMap(({ terms }) => terms)).commercial),
      kept.length === 0 ? "nothing" : names(kept),
      `${countWords(stays.samples)} of ${countWords(total)}`,
      total === 0 ? "—" : shareWords(stays.samples / total),
      hoursWords(stays.durationMs),
    ];
  });
  return [
    {
      kind: "table",
      caption: "What remains of each stage for a commercial model",
      header: ["Stage", "As it is", "Remains", "Samples", "Share", "Video (h)"],
      align: ["left", "left", "left", "right", "right", "right"],
      rows,
    },
  ];
}

function askedBlocks(rows: readonly TermsRow[]): Block[] {
  const { requires } = jointTerms(rows);
  if (requires.length === 0) return [];
  return [
    { kind: "paragraph", text: ["Together the training sets ask for:"] },
    { kind: "list", items: requires.map(({ text, sets }) => [`${text} (`, listWords(sets), ")"]) },
  ];
}

function evaluationTerms(sets: readonly SetFacts[]): Block[] {
  const rows = sets.flatMap(({ terms }) => terms);
  if (rows.length === 0) return [];
  const closed = rows.filter(({ terms }) => terms.commercial !== "yes");
  const text =
    closed.length === 0
      ? "The evaluation sets may be used commercially."
      : `Of the evaluation sets, ${names(closed)} ${closed.length === 1 ? "is" : "are"} not known to allow commercial use; they are evaluated with and are no part of a model.`;
  return [{ kind: "paragraph", text: [text] }];
}

function modelTerms({ models }: ReportInput): Block[] {
  if (models.length === 0) return [];
  const closed = models.filter(({ terms }) => terms.commercial !== "yes").map(({ title }) => title);
  const text =
    closed.length === 0
      ? "All models allow commercial use."
      : `Not known to allow commercial use: the models ${listWords(closed)}.`;
  return [{ kind: "paragraph", text: [text] }];
}
