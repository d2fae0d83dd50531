import { problemText } from "@shardmill/catalogue";
import {
  commercialCost,
  jointTerms,
  leftOutByReason,
  leftOutSubsets,
  type MixPlan,
  type MixProblem,
  mixRecord,
  rowName,
  type Sums,
  type TermsRow,
} from "@shardmill/mixes";
import type { Console } from "../context/console.ts";
import { safeText } from "../text/clean-text.ts";
import { bytesText, countText, plural } from "../text/format.ts";
import { shellCommand } from "../text/shell-command.ts";

/** `12.4 h`; unknown where a shard of clips does not say how long they are. */
function hoursText({ durationMs }: Pick<Sums, "durationMs">): string {
  return durationMs === null ? "unknown" : (durationMs / 3_600_000).toFixed(2);
}

/** What is in a mix, and what it comes to. */
export function printMix(
  console: Console,
  { name, title, sets, sums, notes, identity }: MixPlan,
  options: { readonly for?: "commercial" },
): void {
  console.out(console.paint("bold", `${title} (${name})`));
  if (sets.length === 0) return;
  const row = (what: string, of: Sums, share: string): string[] => [
    what,
    share,
    countText(of.samples),
    countText(of.frames),
    of.tokens === null ? "" : countText(of.tokens.all),
    of.tokens === null ? "" : countText(of.tokens.loss),
    of.durationMs === 0 ? "" : hoursText(of),
    countText(of.shards),
    bytesText(of.bytes),
  ];
  const shown = sets.map(({ facts, role, share, sums: own }) =>
    row(role === "text" ? `${facts.name} (text)` : facts.name, own, `${(share * 100).toFixed(2)} %`),
  );
  const header = ["set", "share", "samples", "frames", "tokens", "loss tokens", "hours", "shards", "size"];
  console.table(
    header,
    [...shown, row("all", sums, "")],
    header.map((_, index) => (index === 0 ? "left" : "right")),
  );
  const left = [
    ...Object.entries(leftOutByReason(sets)).map(([reason, count]) => `${plural(count, "sample")} ${reason}`),
    ...sets.flatMap((set) => {
      const subsets = leftOutSubsets(set).map((subset) => safeText(subset));
      return subsets.length === 0 ? [] : [`${set.facts.name}/${subsets.join(`, ${set.facts.name}/`)}`];
    }),
  ];
  if (left.length > 0) console.out(`left out: ${left.join(", ")}`);
  printTerms(
    console,
    sets.flatMap(({ terms }) => terms),
  );
  if (options.for === "commercial")
    printCost(
      console,
      sets.flatMap(({ terms }) => terms),
    );
  for (const note of notes) console.out(`note:     ${safeText(note)}`);
  console.out(`made of:  ${identity.slice(0, 16)}`);
}

function printTerms(console: Console, rows: readonly TermsRow[]): void {
  const joint = jointTerms(rows);
  console.out(`terms:    commercial use ${joint.commercial}, redistribution ${joint.redistribution}`);
  for (const { text, sets } of joint.requires)
    console.out(`          ${safeText(text)} (${sets.map((name) => safeText(name)).join(", ")})`);
}

/** What a commercial purpose costs, in samples and hours. */
function printCost(console: Console, rows: readonly TermsRow[]): void {
  const { kept, goes, stays } = commercialCost(rows);
  const total = goes.samples + stays.samples;
  const share = total === 0 ? 0 : (goes.samples / total) * 100;
  console.out(
    `commercial: ${countText(goes.samples)} of ${countText(total)} samples go (${share.toFixed(1)} %), ${hoursText(goes)} h of video; ${hoursText(stays)} h stay`,
  );
  console.out(
    `stays:    ${kept.length === 0 ? "nothing" : kept.map((row) => safeText(rowName(row))).join(", ")}`,
  );
}

/** What may not be used commercially, as problems at the keys of their sets. */
export function refusedFor({ sets }: MixPlan): MixProblem[] {
  return sets.flatMap(({ path, terms }) => {
    const { forbidden, unknown } = commercialCost(terms);
    const say = (row: TermsRow, why: string): MixProblem => ({
      kind: "terms",
      path,
      message: `${rowName(row)} must go for commercial use: ${why} (${row.terms.license}); that costs ${plural(row.sums.samples, "sample")}${hoursLost(row.sums)}`,
    });
    return [
      ...forbidden.map((row) => say(row, "its terms forbid it")),
      ...unknown.map((row) => say(row, "nobody knows whether its terms allow it")),
    ];
  });
}

function hoursLost(sums: Sums): string {
  if (sums.durationMs === 0) return "";
  return sums.durationMs === null ? " and an unknown number of hours" : ` and ${hoursText(sums)} h of video`;
}

export function printProblems(console: Console, problems: readonly MixProblem[], out: string): void {
  for (const problem of problems) {
    console.note(`${console.paint("red", "not ready:")} ${safeText(problemText(problem))}`);
    if (problem.command !== undefined)
      console.note(`           ${shellCommand("shardmill", ...problem.command, "--out", out)}`);
  }
}

interface ToldOfMix {
  readonly problems: readonly MixProblem[];
  readonly changes: readonly string[];
  readonly written: readonly string[];
  readonly for?: "commercial";
}

export function mixJson(plan: MixPlan | null, { problems, changes, written, ...told }: ToldOfMix): unknown {
  const rows = plan?.sets.flatMap(({ terms }) => terms) ?? [];
  const cost = commercialCost(rows);
  const names = (some: readonly TermsRow[]): unknown =>
    some.map((row) => ({ set: rowName(row), license: row.terms.license, sums: row.sums }));
  return {
    isReady: problems.length === 0,
    mix: plan === null ? null : mixRecord(plan),
    terms: jointTerms(rows),
    ...(told.for === undefined
      ? {}
      : {
          commercial: {
            forbidden: names(cost.forbidden),
            unknown: names(cost.unknown),
            stays: names(cost.kept),
            goes: cost.goes,
            kept: cost.stays,
          },
        }),
    problems,
    changes,
    written,
  };
}
