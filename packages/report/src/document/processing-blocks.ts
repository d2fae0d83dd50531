import { codes, isCode, type Recipe } from "@shardmill/core";
import type { Distribution } from "../facts/distribution.ts";
import type { SetFacts } from "../facts/set-facts.ts";
import type { Block, Cell, Chart, Inline } from "./blocks.ts";
import { countWords, dayOf, listWords, numberWords, pluralWords, shareWords, sizeWords } from "./figures.ts";
import type { ReportInput } from "./report-input.ts";
import { sourceUrl } from "./summary-blocks.ts";

/** How each set was made, what became of its members, and what its samples are like. */
export function processingBlocks({ sets }: ReportInput): Block[] {
  return [
    { kind: "heading", level: 2, text: "Processing" },
    {
      kind: "paragraph",
      text: [
        "Every member of a source is accounted for: packed, failed or skipped, with a code. Nothing is invented for what is missing.",
      ],
    },
    ...sets.flatMap(setBlocks),
  ];
}

function setBlocks(set: SetFacts): Block[] {
  const { facts, dataset } = set;
  const description = dataset.description.replace(/\s+/g, " ").trim();
  return [
    { kind: "heading", level: 3, text: `${dataset.title} (${facts.name})` },
    ...(description === "" ? [] : [{ kind: "paragraph", text: [description] } satisfies Block]),
    ...(facts.unfinished.length === 0
      ? []
      : [{ kind: "notice", title: "Not finished", lines: facts.unfinished } satisfies Block]),
    { kind: "list", items: factItems(set) },
    ...codeTable(set),
    ...subsetTable(set),
    ...chartsOf(set),
    ...sheetOf(set),
  ];
}

function factItems(set: SetFacts): Inline[][] {
  return [
    sourceItem(set),
    [{ kind: "strong", text: "Parts: " }, partsWords(set)],
    [{ kind: "strong", text: "Members: " }, membersWords(set)],
    recipeItem(set),
    ...tokenItem(set),
    ...madeItem(set),
    ...untimedItem(set),
    ...set.remarks.map(({ code, detail, count }): Inline[] => [
      { kind: "strong", text: "Remark: " },
      { kind: "code", text: code },
      `, ${pluralWords(count, "time")}: ${detail}`,
    ]),
    ...set.dataset.odd.map((line): Inline[] => [{ kind: "strong", text: "Known of the source: " }, line]),
  ];
}

function untimedItem({ facts: { shards } }: SetFacts): Inline[][] {
  const untimed = shards.filter(({ durationMs }) => durationMs === null).length;
  const words = `unknown, since ${countWords(untimed)} of ${pluralWords(shards.length, "shard")} were made before manifests said how long their clips are`;
  return untimed === 0 ? [] : [[{ kind: "strong", text: "Hours of video: " }, words]];
}

function sourceItem({ facts, dataset, revisions }: SetFacts): Inline[] {
  const url = sourceUrl(dataset);
  return [
    { kind: "strong", text: "Source: " },
    url === null ? facts.source.name : { kind: "link", text: facts.source.name, url },
    ...(revisions.length === 0
      ? [", without a revision"]
      : [`, revision${revisions.length === 1 ? "" : "s"} `]),
    ...revisions.flatMap((revision, at): Inline[] => [
      ...(at === 0 ? [] : [", "]),
      { kind: "code", text: revision },
    ]),
  ];
}

function partsWords({ parts, facts }: SetFacts): string {
  const states = Object.entries(parts.byState).map(([state, count]) => `${countWords(count)} ${state}`);
  const adopted =
    facts.adopted === 0
      ? ""
      : `; ${pluralWords(facts.adopted, "part")} made elsewhere, whose samples are not counted here`;
  return `${countWords(parts.asked)} of ${countWords(parts.listed)} of the source asked for: ${listWords(states)}${adopted}`;
}

function membersWords({ counts, unmatched }: SetFacts): string {
  const { members, packed, failed, skipped } = counts;
  const share = members === 0 ? "" : ` (${shareWords(packed / members)})`;
  const rest =
    unmatched === null || unmatched === 0 ? "" : `; ${pluralWords(unmatched, "annotation")} without a member`;
  return `${countWords(members)} = ${countWords(packed)} packed${share} + ${countWords(failed)} failed + ${countWords(skipped)} skipped${rest}`;
}

function recipeItem({ facts }: SetFacts): Inline[] {
  const { recipe, recipeName, recipeHash, media } = facts;
  return [
    { kind: "strong", text: "Recipe: " },
    ...(recipeName === null ? [] : [{ kind: "code", text: recipeName } satisfies Inline, ", "]),
    `${recipeWords(recipe, media)}; hash `,
    { kind: "code", text: recipeHash.slice(0, 16) },
  ];
}

function recipeWords(recipe: Recipe, media: SetFacts["facts"]["media"]): string {
  const { fps, maxFrames, size, fit, quality, align, overflow, turns, records, rows, layout } = recipe;
  const clip = [
    `${fps} frame${fps === 1 ? "" : "s"} a second (${align})`,
    `at most ${maxFrames} frames (${overflow})`,
  ];
  return [
    ...(media === "video" ? clip : []),
    ...(media === "none" ? [] : [`${size}×${size} pixels (${fit})`, `JPEG quality ${quality}`]),
    ...(turns === "each" ? ["a sample for each turn"] : []),
    ...(records === "each" ? ["a sample for each record"] : []),
    ...(rows === undefined ? [] : [`rows ${rows}`]),
    ...(layout === undefined ? [] : [`layout ${layout}`]),
    `text ${recipe.text.format}`,
  ].join(", ");
}

function tokenItem({ facts, cut }: SetFacts): Inline[][] {
  const { text } = facts.recipe;
  const { tokenizer, sums } = facts;
  if (text.format !== "tokens") return [];
  const { tokens } = sums;
  const told =
    tokens === null
      ? ""
      : `; ${countWords(tokens.all)} tokens, ${countWords(tokens.loss)} with loss, ${pluralWords(cut, "sample")} cut`;
  return [
    [
      { kind: "strong", text: "Tokens: " },
      `tokenizer ${tokenizer?.name ?? text.tokenizer}`,
      ...(tokenizer === null
        ? []
        : [" (", { kind: "code", text: tokenizer.identity.tokenizer.slice(0, 16) } as const, ")"]),
      `, loss on ${text.loss === "all" ? "all tokens" : "answers"}, at most ${countWords(text.maxTokens)} tokens (${text.overflow})${told}`,
    ],
  ];
}

function madeItem({ committed, toolchains, bytesRead, facts }: SetFacts): Inline[][] {
  if (committed === null) return [];
  const [from, to] = [dayOf(committed.first), dayOf(committed.last)];
  const tools = toolchains.map(
    ({ shardmill, decoder, sharp, libvips }) =>
      `Shardmill ${shardmill}, decoder ${decoder}, sharp ${sharp}, libvips ${libvips}`,
  );
  return [
    [
      { kind: "strong", text: "Made: " },
      `${from === to ? from : `${from} to ${to}`}, by ${tools.join("; and ")}; ${sizeWords(bytesRead)} read, ${sizeWords(facts.sums.bytes)} written in ${pluralWords(facts.sums.shards, "shard")}`,
    ],
  ];
}

function codeTable({ counts, dataset, facts }: SetFacts): Block[] {
  const rows = Object.entries(counts.byCode).map(([code, count]): Cell[] => [
    { kind: "code", text: code },
    isCode(code) ? codes[code].kind : "",
    isCode(code) ? codes[code].meaning : "",
    countWords(count),
    counts.members === 0 ? "" : shareWords(count / counts.members),
  ]);
  if (rows.length === 0) return [];
  return [
    {
      kind: "table",
      caption: `${dataset.title} (${facts.name}): members that were left out, by cause`,
      header: ["Code", "Kind", "Cause", "Members", "Share"],
      align: ["left", "left", "left", "right", "right"],
      rows,
    },
  ];
}

function subsetTable({ facts, dataset }: SetFacts): Block[] {
  if (facts.subsets.length < 2) return [];
  return [
    {
      kind: "table",
      caption: `${dataset.title} (${facts.name}): samples by subset`,
      header: ["Subset", "Samples", "Frames", "Size", "Shards"],
      align: ["left", "right", "right", "right", "right"],
      rows: facts.subsets.map(({ subset, sums }) => [
        subset ?? "",
        countWords(sums.samples),
        sums.frames === 0 ? "—" : countWords(sums.frames),
        sizeWords(sums.bytes),
        countWords(sums.shards),
      ]),
    },
  ];
}

/** Titles and axes, by what is shown. */
function chartWords(
  { kind }: Distribution,
  media: SetFacts["facts"]["media"],
): { title: string; axis: string } {
  switch (kind) {
    case "frames":
      return media === "video"
        ? { title: "Frames per clip", axis: "frames" }
        : { title: "Pictures per sample", axis: "pictures" };
    case "duration":
      return { title: "Duration of clips", axis: "seconds" };
    case "resolution":
      return { title: "Resolution at the source", axis: "width × height" };
    case "tokens":
      return { title: "Tokens per sample", axis: "tokens" };
    case "loss":
      return { title: "Tokens with loss per sample", axis: "tokens" };
    default:
      return kind satisfies never;
  }
}

function chartsOf(set: SetFacts): Block[] {
  const { facts, distributions, dataset } = set;
  if (distributions.length === 0) return [];
  const charts = distributions.map((distribution): Chart => {
    const { title, axis } = chartWords(distribution, facts.media);
    return {
      kind: "chart",
      file: `figures/${facts.name}-${distribution.kind}.svg`,
      title: `${title}, ${dataset.title}`,
      words: distributionWords(distribution, axis),
      axis,
      distribution,
    };
  });
  return [
    { kind: "charts", charts },
    { kind: "paragraph", text: [readWords(set)] },
  ];
}

function distributionWords({ numbers, count, bins }: Distribution, axis: string): string {
  const of = `${pluralWords(count, "sample")}`;
  if (numbers === null) {
    const [first] = bins;
    const top = first === undefined ? "" : `, most often ${first.label} (${countWords(first.count)})`;
    return `${of}${top}`;
  }
  const { min, median, mean, max } = numbers;
  return `${of}: ${numberWords(min)} to ${numberWords(max)} ${axis}, median ${numberWords(median)}, mean ${numberWords(mean)}`;
}

/** What the pictures were made of. */
function readWords({ read, facts, distributions }: SetFacts): string {
  const byLedger = distributions.some(({ from }) => from === "ledgers");
  const [tars, samples] = [countWords(read.tars), countWords(read.samples)];
  const all = read.tars === facts.shards.length;
  const fromTars = all
    ? `read in all ${pluralWords(read.tars, "shard")} (${pluralWords(read.samples, "sample")})`
    : `read in ${tars} of ${countWords(facts.shards.length)} shards, evenly chosen (${samples} of ${countWords(facts.sums.samples)} samples): an estimate`;
  if (!byLedger) return `Figures: ${fromTars}.`;
  const rest = distributions.some(({ from }) => from === "tars") ? `; the others are ${fromTars}` : "";
  return `Figures: frames are from the ledgers of all ${pluralWords(read.ledgers, "shard")}${rest}.`;
}

function sheetOf({ facts, dataset, sheet, sheetTexts }: SetFacts): Block[] {
  if (sheetTexts.length > 0) return [textTable(dataset.title, facts.name, sheetTexts)];
  if (sheet.length === 0) return [];
  const words = `A sheet of ${pluralWords(sheet.length, "sample")} of ${dataset.title}, each with its key`;
  return [
    {
      kind: "picture",
      file: `sets/${facts.name}/sheet.png`,
      words,
      caption: `${dataset.title} (${facts.name}): the middle frame of ${pluralWords(sheet.length, "sample")}, evenly chosen.`,
    },
  ];
}

function textTable(title: string, name: string, texts: SetFacts["sheetTexts"]): Block {
  return {
    kind: "table",
    caption: `${title} (${name}): what ${pluralWords(texts.length, "sample")} begin with, evenly chosen`,
    header: ["Key", "Text"],
    align: ["left", "left"],
    rows: texts.map(({ key, text }) => [{ kind: "code", text: key }, text]),
  };
}
