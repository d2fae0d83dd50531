import { type Dataset, escapeMarkdown, fenced, plainLine } from "@shardmill/core";
import { licenseTag, readingLines, sampleForm, withdrawnWords } from "@shardmill/shards";
import { stringify } from "yaml";
import { countWords, hoursWords, sizeWords } from "../document/figures.ts";
import { sourceUrl } from "../document/summary-blocks.ts";
import type { SetFacts } from "../facts/set-facts.ts";
import { bibtexOf } from "../references/bibtex.ts";
import { gatherReferences } from "../references/gather-references.ts";
import { safeUrl } from "../render/escape-markup.ts";

/** Those who read it take `no`, `1e3` and `1:20` for no text, as YAML 1.1 does. */
const asRead = { lineWidth: 0, compat: "yaml-1.1" } as const;

/** The Hub's card of an output: front matter that the Hub reads, and words for people. `tars`: where its shards lie. */
export function datasetCard(set: SetFacts, tars = "*.tar"): string {
  const { facts, dataset } = set;
  const form = sampleForm(facts, facts.sums);
  const withdrawn = facts.shards.reduce((sum, shard) => sum + shard.withdrawn.length, 0);
  const withTars = (text: string): string => text.replaceAll('"*.tar"', JSON.stringify(tars));
  const references = gatherReferences([{ ...dataset, name: facts.name }]);
  const unfinished = facts.unfinished.map((why) => `> - ${escapeMarkdown(why)}`);
  return [
    `---\n${stringify(frontMatter(set, tars), asRead)}---`,
    `# ${escapeMarkdown(dataset.title)}`,
    ...(unfinished.length === 0 ? [] : [`> **Not finished:**\n>\n${unfinished.join("\n")}`]),
    ...paragraph(dataset.description),
    `${escapeMarkdown(form.counted)} (${sizeWords(facts.sums.bytes)}${hoursPart(set)}), made by Shardmill from ${sourceText(set)}.`,
    [
      "| samples | packed | failed | skipped |",
      "|--:|--:|--:|--:|",
      `| ${[facts.sums.samples, set.counts.packed, set.counts.failed, set.counts.skipped].map(countWords).join(" | ")} |`,
    ].join("\n"),
    "## Loading",
    fenced(readingLines(withdrawn).join("\n"), "python"),
    ...(withdrawn === 0 ? [] : [withdrawnWords(withdrawn)]),
    withTars(form.loading),
    ...(form.reading.length === 0 ? [] : [fenced(withTars(form.reading.join("\n")), "python")]),
    "## Licence",
    licenceText(set),
    ...paragraph(dataset.licenseNote),
    ...(references.citations.length === 0
      ? []
      : ["## Citation", ...references.citations.map(({ text }) => escapeMarkdown(text))]),
    ...(references.entries.length === 0
      ? []
      : [fenced(references.entries.map(bibtexOf).join("\n\n"), "bibtex")]),
  ]
    .join("\n\n")
    .concat("\n");
}

function paragraph(text: string): string[] {
  return text.trim() === "" ? [] : [escapeMarkdown(text.trim())];
}

function hoursPart({ facts }: SetFacts): string {
  const { durationMs } = facts.sums;
  return durationMs === null || durationMs === 0 ? "" : `, ${hoursWords(durationMs)} h of video`;
}

function sourceText({ facts, dataset, revisions }: SetFacts): string {
  const url = safeUrl(sourceUrl(dataset) ?? "");
  const name = escapeMarkdown(facts.source.name);
  const at = revisions.length === 0 ? "" : ` at ${revisions.map((one) => escapeMarkdown(one)).join(", ")}`;
  return `${url === null ? name : `[${name}](<${url}>)`}${at}`;
}

function licenceText({ terms, dataset }: SetFacts): string {
  const rows = terms.map(({ subset, terms: own }) =>
    [
      subset === null ? "all" : escapeMarkdown(subset),
      escapeMarkdown(own.license),
      own.commercial,
      own.redistribution,
    ].join(" | "),
  );
  if (rows.length === 0) return escapeMarkdown(dataset.license);
  return [
    "| subset | licence | commercial use | redistribution |",
    "|---|---|---|---|",
    ...rows.map((row) => `| ${row} |`),
  ].join("\n");
}

function frontMatter(set: SetFacts, tars: string): Record<string, unknown> {
  const { facts, dataset } = set;
  const { isFixed } = sampleForm(facts, facts.sums);
  const split = dataset.purpose === "eval" ? "test" : "train";
  return {
    pretty_name: plainLine(dataset.title),
    ...licenceMatter(set),
    task_categories: taskCategories(dataset),
    size_categories: [sizeCategory(facts.sums.samples)],
    tags: ["webdataset"],
    ...(isFixed ? { configs: [{ config_name: "default", data_files: [{ split, path: tars }] }] } : {}),
  };
}

/** The Hub asks for a name and a link of every licence that it does not know. */
function licenceMatter({ dataset, terms }: SetFacts): Record<string, unknown> {
  const all = [...new Set(terms.map(({ terms: own }) => own.license))];
  const license = all.length === 1 ? (all[0] ?? dataset.license) : dataset.license;
  const tag = all.length > 1 ? "other" : licenseTag(license);
  if (tag !== "other") return { license: tag };
  const name = license
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, "-")
    .slice(0, 60)
    .replace(/^[-.]+|[-.]+$/g, "");
  const link = safeUrl(dataset.terms.url ?? sourceUrl(dataset) ?? "");
  return {
    license: tag,
    license_name: name === "" ? "unnamed" : name,
    ...(link === null ? {} : { license_link: link }),
  };
}

/** Of the Hub's own list. */
function taskCategories({ media, text }: Pick<Dataset, "media" | "text">): string[] {
  switch (media) {
    case "video":
      return ["video-text-to-text"];
    case "images":
      return text.adapter === "caption"
        ? ["image-to-text"]
        : ["visual-question-answering", "image-text-to-text"];
    case "pair":
      return ["image-text-to-text"];
    case "none":
      return ["text-generation"];
    default:
      return media satisfies never;
  }
}

const sizes = [
  [1e3, "n<1K"],
  [1e4, "1K<n<10K"],
  [1e5, "10K<n<100K"],
  [1e6, "100K<n<1M"],
  [1e7, "1M<n<10M"],
  [1e8, "10M<n<100M"],
  [1e9, "100M<n<1B"],
] as const;

function sizeCategory(samples: number): string {
  return sizes.find(([below]) => samples < below)?.[1] ?? "n>1B";
}
