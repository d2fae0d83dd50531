import type { BuildDetail } from "@shardmill/api/contract";
import { bytes, count, moment } from "../data/words.ts";
import { settingsOf } from "./recipe-settings.ts";

/** One thing that both builds tell, as words; null where one of them does not have it. */
interface Row {
  readonly name: string;
  readonly one: string | null;
  readonly other: string | null;
}

export interface Sheet {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** Two builds side by side: what their bytes are made from, and what has become of it. */
export function sheetsOf(one: BuildDetail, other: BuildDetail): Sheet[] {
  const sheet = (title: string, of: (build: BuildDetail) => [string, string][]): Sheet => ({
    title,
    rows: rowsOf(of(one), of(other)),
  });
  return [
    sheet("Source", ({ source, license, createdAt }) => [
      ["source", source.name],
      ["revision", source.revision ?? "none"],
      ["licence", license],
      ["asked for first", moment(createdAt)],
    ]),
    sheet("Figures", figuresOf),
    sheet("Left out", ({ totals }) =>
      Object.entries(totals.byCode).map(([code, number]) => [code, count(number)]),
    ),
    sheet("Recipe", ({ recipe, recipeHash }) => [
      ["hash", recipeHash],
      ...settingsOf(recipe).map(([path, value]): [string, string] => [path, value]),
    ]),
    sheet("Toolchain", ({ toolchain }) => Object.entries(toolchain)),
  ].filter(({ rows }) => rows.length > 0);
}

function figuresOf({ parts, states, totals }: BuildDetail): [string, string][] {
  return [
    ["parts", count(parts)],
    ["parts done", count(states.done ?? 0)],
    ["members", count(totals.members)],
    ["samples", count(totals.samples)],
    ["failed", count(totals.failed)],
    ["skipped", count(totals.skipped)],
    ["frames", count(totals.frames)],
    ["shards", count(totals.shards)],
    ["size", bytes(totals.shardBytes)],
    ...(totals.tokens === null ? [] : [["tokens", count(totals.tokens.all)] as [string, string]]),
  ];
}

/** In the order of the first, then what only the second has. */
function rowsOf(one: readonly [string, string][], other: readonly [string, string][]): Row[] {
  const [first, second] = [new Map(one), new Map(other)];
  return [...new Set([...first.keys(), ...second.keys()])].map((name) => ({
    name,
    one: first.get(name) ?? null,
    other: second.get(name) ?? null,
  }));
}
