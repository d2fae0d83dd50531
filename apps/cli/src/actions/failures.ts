import { type BuildRecord, codes, type PartId, partLabel } from "@shardmill/core";
import { type LeftOutMember, listFailures, readUnfetched } from "@shardmill/pipeline";
import type { CommandContext } from "../context/command-context.ts";
import { openOutput } from "../output/open-output.ts";
import { safeText } from "../text/clean-text.ts";
import { countText, plural } from "../text/format.ts";
import { partsOf } from "./select-parts.ts";

export interface FailuresOptions {
  readonly out: string;
  readonly part?: string;
  readonly json?: true;
}

const mostCauses = 10;

export async function showFailures(
  { console, signal }: CommandContext,
  name: string,
  options: FailuresOptions,
): Promise<void> {
  const { records, build } = await openOutput(options.out, name, { isAwaited: true });
  const parts: PartId[] | null = options.part === undefined ? null : partsOf(build, options.part);
  const all: LeftOutMember[] = [];
  for await (const failure of listFailures(records, parts, signal)) all.push(failure);
  const groups = groupByCode(all);
  const causes = causesOf(all);
  const unfetched = parts === null ? notFetched(build) : [];
  const questions = parts === null ? ((await readUnfetched(records))?.media ?? []) : [];
  if (options.json === true)
    return console.json({ dataset: name, groups, causes, failures: all, unfetched, questions });
  for (const { part, detail } of unfetched)
    console.out(`${part}  ${console.paint("yellow", "media_not_fetched")}  ${safeText(detail)}`);
  for (const { subset, media, questions: count } of questions)
    console.out(
      `${subset === null ? "" : `${safeText(subset)}  `}${safeText(media)}  ${console.paint("yellow", "media_not_fetched")}  ${plural(count, "question")}`,
    );
  if (unfetched.length + questions.length > 0) console.out(`${codes.media_not_fetched.remedy}\n`);
  if (all.length === 0) return console.out("No sample has been left out.");
  const rows = groups.map(({ code, outcome, count, retryable, meaning }) => [
    code,
    outcome,
    countText(count),
    retryable ? "yes" : "no",
    meaning,
  ]);
  console.table(["code", "outcome", "count", "retryable", "meaning"], rows, [
    "left",
    "left",
    "right",
    "left",
    "left",
  ]);
  for (const { code, cause, count } of causes.slice(0, mostCauses))
    console.out(`  ${code}: ${countText(count)} ${safeText(cause)}`);
  console.out("");
  for (const { part, member, outcome, code, detail } of all) {
    const word = console.paint(outcome === "failed" ? "red" : "yellow", code);
    console.out(`${part}  ${safeText(member)}  ${word}  ${safeText(detail)}`);
  }
}

/** Questions whose media nobody fetched: no failures, and no samples. */
function notFetched({ parts }: BuildRecord): { readonly part: string; readonly detail: string }[] {
  return parts.flatMap((part) =>
    part.absent?.code === "media_not_fetched" ? [{ part: partLabel(part), detail: part.absent.reason }] : [],
  );
}

interface Cause {
  readonly code: LeftOutMember["code"];
  readonly cause: string;
  readonly count: number;
}

/** Of links that gave nothing, by what came of them, and of what was not asked for by its rule: hundreds of lines tell no more. */
function causesOf(all: readonly LeftOutMember[]): Cause[] {
  const causes = new Map<string, Cause>();
  for (const { code, detail } of all) {
    if (code !== "url_dead" && code !== "filtered") continue;
    const cause = code === "filtered" ? detail : detail.slice(detail.lastIndexOf(": ") + 2);
    const key = `${code} ${cause}`;
    causes.set(key, { code, cause, count: (causes.get(key)?.count ?? 0) + 1 });
  }
  return [...causes.values()].sort((a, b) => b.count - a.count || (a.cause < b.cause ? -1 : 1));
}

interface Group {
  readonly code: LeftOutMember["code"];
  readonly outcome: "failed" | "skipped";
  readonly count: number;
  readonly retryable: boolean;
  readonly meaning: string;
  readonly remedy: string;
}

function groupByCode(all: readonly LeftOutMember[]): Group[] {
  const counts = new Map<LeftOutMember["code"], { outcome: "failed" | "skipped"; count: number }>();
  for (const { code, outcome } of all)
    counts.set(code, { outcome, count: (counts.get(code)?.count ?? 0) + 1 });
  return [...counts]
    .map(([code, { outcome, count }]) => {
      const { retryable, meaning, remedy } = codes[code];
      return { code, outcome, count, retryable, meaning, remedy };
    })
    .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
}
