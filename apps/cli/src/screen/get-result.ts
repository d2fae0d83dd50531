import type { FileIdentity, ModelEntry } from "@shardmill/core";
import type { FileOutcome, GetResult } from "@shardmill/models";
import type { Console } from "../context/console.ts";
import { safeText } from "../text/clean-text.ts";
import { padTo } from "../text/columns.ts";
import { bytesText, durationText, plural } from "../text/format.ts";

export interface GottenModel {
  readonly entry: ModelEntry | null;
  readonly repo: string;
  /** The commit that its files are of. */
  readonly revision: string;
  readonly page: string;
}

const stateWords = {
  there: "there already",
  downloaded: "downloaded",
  resumed: "resumed",
  failed: "failed",
} as const;
const shownNames = 6;

export function sizeCell(bytes: number): string {
  return padTo(bytesText(bytes), 8, "right");
}

export function fileLine(outcome: FileOutcome, paint: Console["paint"]): string {
  const { state, sizeBytes, path } = outcome;
  const colour = state === "failed" ? "red" : state === "there" ? "dim" : "green";
  const remark = remarkOf(outcome);
  const word = paint(colour, stateWords[state].padEnd(13));
  return `  ${word}${sizeCell(sizeBytes)}  ${safeText(path)}${remark === "" ? "" : `  ${remark}`}`;
}

function remarkOf({ state, fetchedBytes, keptBytes, sizeBytes, replaced, problem }: FileOutcome): string {
  if (problem !== null) {
    const kept = keptBytes === 0 ? "" : `; the next attempt goes on from ${bytesText(keptBytes)}`;
    return `${problem.code}: ${safeText(problem.message)}${kept}`;
  }
  const resumed = state === "resumed" ? [`${bytesText(sizeBytes - fetchedBytes)} were there`] : [];
  const other = replaced ? ["in place of another content"] : [];
  return [...resumed, ...other].join(", ");
}

/** What a choice of files leaves out, by the folders and files at the top. */
export function leftOutLine(leftOut: readonly FileIdentity[]): string {
  const bytes = leftOut.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const tops = [...new Set(leftOut.map(({ path }) => path.replace(/\/.*$/s, "/")))];
  const names = tops.slice(0, shownNames).map((name) => safeText(name, 80));
  const more = tops.length > shownNames ? `, and ${tops.length - shownNames} more` : "";
  return `left out: ${plural(leftOut.length, "file")}, ${bytesText(bytes)} (${names.join(", ")}${more}); --all takes them`;
}

export function endLines(
  model: GottenModel,
  { out, seconds }: { readonly out: string; readonly seconds: number },
  { files }: GetResult,
): string[] {
  const { bytes, fetchedBytes, counts } = totalsOf(files);
  const pace = fetchedBytes === 0 ? "" : `, ${bytesText(fetchedBytes / Math.max(0.001, seconds))}/s`;
  const told = (["there", "downloaded", "resumed", "failed"] as const)
    .filter((state) => counts[state] > 0)
    .map((state) => `${counts[state]} ${stateWords[state]}`);
  const lines = [
    `${plural(files.length, "file")}, ${bytesText(bytes)}: ${told.join(", ")}; ${bytesText(fetchedBytes)} fetched in ${durationText(seconds)}${pace}`,
    `where    ${safeText(out)}`,
    `licence  ${licenceText(model)}`,
  ];
  return counts.failed === 0
    ? lines
    : [...lines, "not whole: the same command fetches what is lacking, and no more"];
}

export function resultJson(model: GottenModel, dir: string, { files, leftOut }: GetResult): unknown {
  const { entry, repo, revision } = model;
  return {
    model: entry?.name ?? null,
    repo,
    revision,
    dir,
    license: entry?.license ?? null,
    terms: entry?.terms ?? null,
    totals: totalsOf(files),
    files,
    leftOut: leftOut.map(({ path, sizeBytes }) => ({ path, sizeBytes })),
  };
}

function totalsOf(files: readonly FileOutcome[]) {
  const sum = (of: (file: FileOutcome) => number): number => files.reduce((all, file) => all + of(file), 0);
  const count = (state: FileOutcome["state"]): number => sum((file) => (file.state === state ? 1 : 0));
  return {
    files: files.length,
    bytes: sum(({ sizeBytes }) => sizeBytes),
    fetchedBytes: sum(({ fetchedBytes }) => fetchedBytes),
    counts: {
      there: count("there"),
      downloaded: count("downloaded"),
      resumed: count("resumed"),
      failed: count("failed"),
    },
  };
}

function licenceText({ entry, page }: GottenModel): string {
  return entry === null ? `not known here; see ${page}` : termsText(entry);
}

export function termsText({ license, terms }: ModelEntry): string {
  return `${license}; commercial use: ${terms.commercial}; redistribution: ${terms.redistribution}`;
}
