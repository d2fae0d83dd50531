import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { jsonOf, readSamples, tarsIn } from "../support/read-shards.ts";

/** Figures of a report, held against the tars of its outputs. */

interface Numbers {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  readonly sum: number;
}
interface ToldSet {
  readonly name: string;
  readonly sums: Record<string, unknown>;
  readonly counts: { readonly members: number; readonly packed: number };
  readonly distributions: readonly { kind: string; count: number; numbers: Numbers | null }[];
}
export interface Told {
  readonly unfinished: readonly string[];
  readonly sets: readonly ToldSet[];
  readonly references: readonly string[];
  readonly files: readonly string[];
}

export function toldBy(report: string): Told {
  return JSON.parse(readFileSync(join(report, "report.json"), "utf8")) as Told;
}

const lengthOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0);
const onesOf = (value: unknown): number =>
  Array.isArray(value) ? value.filter((one) => one === 1).length : 0;

/** Figures of an output from its tars alone. */
function recounted(out: string, name: string) {
  const tars = tarsIn(join(out, name)).map((tar) => join(out, name, tar));
  const samples = tars.flatMap(readSamples);
  const jsons = samples.map(jsonOf);
  const sides = ["", "chosen_", "rejected_"];
  const tokens = jsons.map((json) =>
    sides.reduce((sum, side) => sum + lengthOf(json[`${side}token_ids`]), 0),
  );
  const loss = jsons.map((json) => sides.reduce((sum, side) => sum + onesOf(json[`${side}loss_mask`]), 0));
  return {
    shards: tars.length,
    samples: samples.length,
    bytes: tars.reduce((sum, tar) => sum + statSync(tar).size, 0),
    // The placeholder of a text is no frame of it, which its JSON says.
    frames: samples.map(({ fields }, at) =>
      jsons[at]?.frame_count === 0 ? 0 : [...fields.keys()].filter((field) => field.endsWith("jpg")).length,
    ),
    durations: jsons.flatMap(({ duration }) => (typeof duration === "number" ? [duration] : [])),
    tokens: tokens.filter((count) => count > 0),
    loss: tokens.some((count) => count > 0) ? loss : [],
  };
}

const sumOf = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0);

interface Reported {
  /** The report's folder. */
  readonly report: string;
  readonly told: Told;
  /** Where its outputs lie. */
  readonly out: string;
}

/** What is told of a set is what its tars hold: in the record, in the summary's row, and in its distributions. */
export function expectFigures({ report, told, out }: Reported, name: string): void {
  const set = told.sets.find((one) => one.name === name);
  const { shards, samples, bytes, frames, durations, tokens, loss } = recounted(out, name);
  expect(set?.sums).toMatchObject({ shards, samples, bytes, frames: sumOf(frames) });
  expect(set?.sums.durationMs).toBe(sumOf(durations.map((seconds) => Math.round(seconds * 1000))));
  if (tokens.length > 0) expect(set?.sums.tokens).toMatchObject({ all: sumOf(tokens), loss: sumOf(loss) });
  const text = readFileSync(join(report, "report.md"), "utf8");
  const row = text.split("\n").find((line) => line.startsWith(`| \`${name}\` | `)) ?? "";
  expect(row).toContain(`| ${samples} | `);
  const figures = new Map(set?.distributions.map((one) => [one.kind, one]));
  const isText = name.startsWith("smoltalk");
  for (const [kind, values] of [
    ["frames", isText ? [] : frames],
    ["tokens", tokens],
    ["loss", loss],
  ] as const) {
    if (values.length === 0) expect(figures.has(kind), kind).toBe(false);
    else
      expect(figures.get(kind), kind).toMatchObject({
        count: values.length,
        numbers: { min: Math.min(...values), max: Math.max(...values), sum: sumOf(values) },
      });
  }
  expect(figures.get("duration")?.count ?? 0).toBe(durations.length);
  expect(figures.get("duration")?.numbers?.max ?? 0).toBeCloseTo(Math.max(0, ...durations), 0);
}
