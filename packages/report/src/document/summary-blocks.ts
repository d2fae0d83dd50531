import type { Dataset } from "@shardmill/core";
import { addSums, leftOutByReason, noSums, type PlannedSet, type Sums } from "@shardmill/mixes";
import type { SetFacts } from "../facts/set-facts.ts";
import type { Block, Cell, Inline } from "./blocks.ts";
import { countWords, hoursWords, pluralWords, shareWords, sizeWords } from "./figures.ts";
import { known } from "./known.ts";
import {
  evaluationSets,
  type ReportedMix,
  type ReportInput,
  shownSums,
  trainingSets,
} from "./report-input.ts";

/** What a set is, in a word or two. */
function typeWords({ media, text }: Pick<Dataset, "media" | "text">): string {
  const isCaptions = text.adapter === "caption";
  switch (media) {
    case "video":
      return isCaptions ? "video, captions" : "video, questions and answers";
    case "images":
      return isCaptions ? "images, captions" : "images, questions and answers";
    case "none":
      return "text";
    case "pair":
      return "images, preference pairs";
    default:
      return media satisfies never;
  }
}

/** The address of what a set was made from. */
export function sourceUrl({ homepage, source }: Pick<Dataset, "homepage" | "source">): string | null {
  if (homepage !== undefined) return homepage;
  if (source.kind === "hub") return `https://huggingface.co/datasets/${source.repo}`;
  return source.kind === "http" ? source.base : null;
}

function sourceCell(set: SetFacts): Inline {
  const { source } = set.facts;
  const url = sourceUrl(set.dataset);
  return url === null ? source.name : { kind: "link", text: set.dataset.title, url };
}

/** The license of a set, or that its subsets have several. */
function licenceCell({ terms, dataset }: SetFacts): Cell {
  const all = [...new Set(terms.map(({ terms: own }) => own.license))];
  return all.length > 1 ? `${pluralWords(all.length, "licence")}, by subset` : (all[0] ?? dataset.license);
}

function commercialCell({ terms, dataset }: SetFacts): Cell {
  const all = terms.length === 0 ? [dataset.terms.commercial] : terms.map(({ terms: own }) => own.commercial);
  const [first] = all;
  if (first !== undefined && all.every((one) => one === first)) return known(first);
  const of = (word: "yes" | "no" | "unknown"): number => all.filter((one) => one === word).length;
  return `${of("yes")} yes, ${of("no")} no, ${of("unknown")} unknown`;
}

function stagesOf(mixes: readonly ReportedMix[], name: string): string {
  const stages = mixes.filter(({ plan }) => plan.sets.some(({ facts }) => facts.name === name));
  return stages.map(({ plan }) => plan.name).join(", ");
}

const setHeader = [
  "Set",
  "Type",
  "For",
  "Samples",
  "Frames",
  "Video (h)",
  "Size",
  "Shards",
  "Licence",
  "Commercial use",
  "Source",
];
const setAlign = [
  "left",
  "left",
  "left",
  "right",
  "right",
  "right",
  "right",
  "right",
  "left",
  "left",
  "left",
] as const;

function setRow(set: SetFacts, what: string): Cell[] {
  const { name, unfinished } = set.facts;
  const state: Inline[] = unfinished.length === 0 ? [] : [" (not finished)"];
  return [
    [{ kind: "code", text: name }, ...state],
    typeWords(set.dataset),
    what,
    ...sumCells(shownSums(set.facts)),
    licenceCell(set),
    commercialCell(set),
    sourceCell(set),
  ];
}

function sumCells(sums: Sums): string[] {
  return [
    countWords(sums.samples),
    sums.frames === 0 ? "—" : countWords(sums.frames),
    hoursWords(sums.durationMs),
    sizeWords(sums.bytes),
    countWords(sums.shards),
  ];
}

export function summaryBlocks(input: ReportInput): Block[] {
  const training = trainingSets(input);
  const sum = training.map(({ facts }) => shownSums(facts)).reduce(addSums, noSums);
  if (training.length === 0) return [];
  const all: Cell[] = ["all", "", "", ...sumCells(sum), "", "", ""];
  return [
    { kind: "heading", level: 2, text: "Training data" },
    {
      kind: "table",
      caption: "Sets that are trained on, as they were built",
      header: setHeader,
      align: setAlign,
      rows: [
        ...training.map((set) => setRow(set, stagesOf(input.mixes, set.facts.name) || "training")),
        ...(training.length > 1 ? [all] : []),
      ],
      hasSum: training.length > 1,
    },
  ];
}

export function evaluationBlocks(input: ReportInput): Block[] {
  const sets = evaluationSets(input);
  if (sets.length === 0) return [];
  return [
    { kind: "heading", level: 2, text: "Evaluation data" },
    { kind: "paragraph", text: ["Never trained on: a mix refuses these sets."] },
    {
      kind: "table",
      caption: "Sets that are evaluated with",
      header: setHeader,
      align: setAlign,
      rows: sets.map((set) => setRow(set, "evaluation")),
    },
  ];
}

export function modelBlocks({ models }: ReportInput): Block[] {
  if (models.length === 0) return [];
  return [
    { kind: "heading", level: 2, text: "Models" },
    {
      kind: "table",
      caption: "Models that are used, or cited for their architecture",
      header: ["Model", "What for", "Size", "Licence", "Commercial use", "Redistribution", "Source"],
      align: ["left", "left", "right", "left", "left", "left", "left"],
      rows: models.map(({ title, purpose, bytes, license, terms, repo }) => [
        title,
        purpose,
        bytes === undefined ? "—" : sizeWords(bytes),
        license,
        known(terms.commercial),
        known(terms.redistribution),
        { kind: "link", text: repo, url: `https://huggingface.co/${repo}` },
      ]),
    },
  ];
}

export function stageBlocks({ mixes }: ReportInput): Block[] {
  if (mixes.length === 0) return [];
  return [
    { kind: "heading", level: 2, text: "Training stages" },
    {
      kind: "paragraph",
      text: ["A share is one of the samples that a reader draws. Natural weights are numbers of samples."],
    },
    ...mixes.flatMap(({ plan }) => stageOf(plan)),
  ];
}

function stageOf(plan: ReportedMix["plan"]): Block[] {
  const { name, title, sets, identity, entry } = plan;
  const sumsOf = ({ facts, sums }: PlannedSet): Sums => shownSums({ media: facts.media, sums });
  const sums = sets.map(sumsOf).reduce(addSums, noSums);
  const row = (what: Cell, [role, weight, share]: readonly string[], of: Sums): Cell[] => [
    what,
    role ?? "",
    weight ?? "",
    share ?? "",
    countWords(of.samples),
    of.frames === 0 ? "—" : countWords(of.frames),
    of.tokens === null ? "—" : countWords(of.tokens.all),
    of.tokens === null ? "—" : countWords(of.tokens.loss),
    hoursWords(of.durationMs),
  ];
  return [
    { kind: "heading", level: 3, text: `${title} (${name})` },
    ...(entry.description.trim() === ""
      ? []
      : [{ kind: "paragraph", text: [entry.description.trim()] } satisfies Block]),
    {
      kind: "table",
      caption: `${title}: sets, weights and shares`,
      header: ["Set", "Role", "Weight", "Share", "Samples", "Frames", "Tokens", "With loss", "Video (h)"],
      align: ["left", "left", "right", "right", "right", "right", "right", "right", "right"],
      rows: [
        ...sets.map((set) =>
          row(
            { kind: "code", text: set.facts.name },
            [
              set.role === "text" ? "text" : "vision",
              set.role === "text" ? "—" : String(set.weight),
              shareWords(set.share),
            ],
            sumsOf(set),
          ),
        ),
        row("all", ["", "", shareWords(sets.reduce((sum, { share }) => sum + share, 0))], sums),
      ],
      hasSum: true,
    },
    {
      kind: "paragraph",
      text: [
        `${leftOutWords(plan)} Identity of the mix (a hash of its shards): `,
        { kind: "code", text: identity },
        ".",
      ],
    },
  ];
}

/** How many samples are left out, and why: by their keys, or because a benchmark has the same. */
function leftOutWords({ sets, decontaminated }: ReportedMix["plan"]): string {
  const counts = Object.entries(leftOutByReason(sets));
  const because = (reason: string): string =>
    reason.startsWith(overlaps) ? `related to ${reason.slice(overlaps.length)}` : reason;
  const left =
    counts.length === 0
      ? "No sample is left out by key."
      : `Left out by key: ${counts.map(([reason, count]) => `${pluralWords(count, "sample")} (${because(reason)})`).join(", ")}.`;
  return decontaminated.length === 0
    ? left
    : `${left} It has nothing in common with ${decontaminated.join(", ")}, by group, by picture and by fingerprint.`;
}

const overlaps = "overlaps:";
