import {
  asOutput,
  type BuildRecord,
  type Dataset,
  Failure,
  type PartId,
  type PartsAsked,
  partLabel,
  piecesBytes,
} from "@shardmill/core";
import { estimateWhole, type Reach, type Survey, type WholeEstimate } from "@shardmill/pipeline";
import { readSamples } from "@shardmill/shards";
import { openRecords, openStore, type Records } from "@shardmill/store";
import { z } from "zod";
import type { CommandContext } from "../context/command-context.ts";
import { bytesText, countText, durationText, plural } from "../text/format.ts";
import type { TimedStatus } from "./status.ts";

/** How much of a dataset is tried. */
export interface TryOptions {
  readonly limit?: number;
  readonly sample?: number;
}

/** A small build: of fewer parts, of fewer of their members, under a name of its own. */
export interface SmallBuild {
  readonly dataset: Dataset;
  readonly parts: PartsAsked;
  readonly settings: readonly string[];
  /** Labels of the parts that the whole would be made of. */
  readonly labels: readonly string[];
}

/** Parts that a limit is spread over: each has a directory to be read. */
const triedParts = 4;

export function isTry({ limit, sample }: TryOptions): boolean {
  return limit !== undefined || sample !== undefined;
}

export function smallBuild(
  dataset: Dataset,
  survey: Pick<Survey, "selected" | "found">,
  { limit, sample, as }: TryOptions & { readonly as?: string },
): SmallBuild {
  if (limit !== undefined && sample !== undefined)
    throw new Failure("wrong_use", "give either --limit or --sample");
  const present = new Set(
    survey.found.parts.flatMap((part) => (part.kind === "present" ? [part.label] : [])),
  );
  const whole = survey.selected.filter((part) => present.has(partLabel(part)));
  const count = limit === undefined ? whole.length : Math.min(triedParts, limit, whole.length);
  const chosen = evenly(whole, count);
  const only = limit === undefined ? { share: sample } : { samples: Math.ceil(limit / Math.max(1, count)) };
  return {
    dataset: as === undefined ? asOutput(dataset, tryName(dataset.name)) : dataset,
    parts: chosen.map(({ subset, part }) => ({ subset, from: part, to: part })),
    settings: [onlySetting(only)],
    labels: whole.map(partLabel),
  };
}

function onlySetting({ share, samples }: NonNullable<BuildRecord["recipe"]["only"]>): string {
  return share === undefined ? `only.samples=${samples}` : `only.share=${share}`;
}

/** Whether a small build of another size lies under its name, which is that of whatever was tried last. */
export async function replacesTry(small: SmallBuild, outRoot: string): Promise<boolean> {
  const before = await openRecords(await openStore(outRoot), small.dataset.name).readBuild();
  const only = before?.recipe.only;
  return only !== undefined && !small.settings.includes(onlySetting(only));
}

function tryName(name: string): string {
  return `${name}-try`;
}

/** `count` of them, from the first to the last. */
function evenly(parts: readonly PartId[], count: number): PartId[] {
  return Array.from(
    { length: count },
    (_, at) => parts[Math.floor(((at + 0.5) * parts.length) / count)],
  ).flatMap((part) => part ?? []);
}

const reachSchema = z.object({ low: z.number(), about: z.number(), high: z.number() });
const estimateSchema = z.object({
  parts: z.array(z.string()),
  samples: reachSchema,
  diskBytes: reachSchema,
  seconds: reachSchema,
  sourceBytes: z.number(),
});

/** Tells what the whole would take, and keeps that beside the small build. */
export async function tellEstimate(
  { console, signal }: CommandContext,
  build: BuildRecord,
  { whole, outRoot }: { readonly whole: readonly string[]; readonly outRoot: string },
  { status, time }: TimedStatus,
): Promise<void> {
  const records = openRecords(await openStore(outRoot), build.dataset.name);
  const estimate = await estimateOf(records, build, { whole, seconds: time.seconds }, signal);
  console.out(
    `a small build (${onlyText(build)}): ${plural(status.totals.samples, "sample")} of ${plural(build.selected.length, "part")}; its shards are of a recipe of their own`,
  );
  if (estimate === null) return console.out("it made no sample, which tells nothing of the whole");
  const text = `${JSON.stringify({ parts: whole, ...estimate }, null, 2)}\n`;
  await records.store.put(estimatePath(build.dataset.name), text);
  console.out(
    `the whole, ${plural(whole.length, "part")} of ${bytesText(estimate.sourceBytes)} at the source, would take:`,
  );
  for (const [what, reach, text] of figures(estimate)) console.out(`  ${what} about ${between(reach, text)}`);
}

function onlyText({ recipe: { only } }: BuildRecord): string {
  return only?.share === undefined
    ? `the first ${countText(only?.samples ?? 0)} of each part`
    : `the first ${Number((only.share * 100).toPrecision(6))} % of each part`;
}

function figures({ samples, diskBytes, seconds }: Pick<WholeEstimate, "samples" | "diskBytes" | "seconds">) {
  const rows: [string, Reach, (value: number) => string][] = [
    ["samples", samples, countText],
    ["disk   ", diskBytes, bytesText],
    ["time   ", seconds, durationText],
  ];
  return rows;
}

function between({ low, about, high }: Reach, text: (value: number) => string): string {
  return `${text(about)} (${text(low)} to ${text(high)})`;
}

/** Of the samples that were made at most so many are measured. */
const measured = 200;

async function estimateOf(
  records: Records,
  { selected, parts }: BuildRecord,
  { whole, seconds }: { readonly whole: readonly string[]; readonly seconds: number },
  signal: AbortSignal,
): Promise<WholeEstimate | null> {
  const manifests = await records.listManifests();
  const plans = new Map((await records.listPlans()).map((plan) => [partLabel(plan), plan]));
  const sizes = new Map(parts.map((part) => [partLabel(part), piecesBytes(part.pieces)]));
  const tried = selected.map(partLabel).map((label) => {
    const own = manifests.filter((manifest) => partLabel(manifest) === label);
    const plan = plans.get(label);
    return {
      sourceBytes: sizes.get(label) ?? 0,
      whole: plan?.whole ?? null,
      taken: sum((plan?.ranges ?? []).map(({ members }) => members)),
      samples: sum(own.map((manifest) => manifest.samples)),
      bytesRead: sum(own.map(({ made }) => made.bytesRead)),
    };
  });
  const sampleBytes: number[] = [];
  for (const { shard, tar } of manifests) {
    if (tar === null || sampleBytes.length >= measured) continue;
    const place = { store: records.store, path: records.paths.tar(shard) };
    for await (const { members } of readSamples(place, { limit: measured }, signal))
      sampleBytes.push(sum(members.map(({ bytes }) => 512 + 512 * Math.ceil(bytes.length / 512))));
  }
  const busyS = Math.min(seconds, busySeconds(manifests.map(({ made }) => made)));
  const wholeBytes = whole.map((label) => sizes.get(label) ?? 0);
  return estimateWhole({ parts: tried, sampleBytes, busyS, aroundS: seconds - busyS }, wholeBytes);
}

/** Seconds in which at least one shard was being made. */
function busySeconds(made: readonly { readonly committedAt: string; readonly seconds: number }[]): number {
  const spans = made
    .map(({ committedAt, seconds }) => ({
      from: Date.parse(committedAt) / 1000 - seconds,
      to: Date.parse(committedAt) / 1000,
    }))
    .sort((a, b) => a.from - b.from);
  let busy = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { from, to } of spans) {
    busy += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return busy;
}

/** After a whole build of what was tried: whether it came to what had been told. */
export async function compareEstimate(
  { console }: CommandContext,
  build: BuildRecord,
  { status, time }: TimedStatus,
  outRoot: string,
): Promise<void> {
  const store = await openStore(outRoot);
  const bytes = await store.read(estimatePath(tryName(build.dataset.name)));
  const read = bytes === null ? null : estimateSchema.safeParse(jsonOf(Buffer.from(bytes).toString("utf8")));
  if (read?.success !== true) return;
  const own = new Set(build.selected.map(partLabel));
  const isSame = own.size === read.data.parts.length && read.data.parts.every((label) => own.has(label));
  if (!isSame || status.parts.some(({ label, state }) => own.has(label) && state !== "done")) return;
  const { samples, shardBytes } = status.totals;
  const ends = [samples, shardBytes, time.seconds];
  for (const [at, [what, reach, say]] of figures(read.data).entries()) {
    const end = ends[at] ?? 0;
    const isWithin = end >= reach.low && end <= reach.high;
    const verdict = console.paint(isWithin ? "green" : "yellow", isWithin ? "within" : "outside");
    console.out(`${what} ${say(end)}, ${verdict} what was estimated: ${between(reach, say)}`);
  }
}

/** In the output's folder. */
function estimatePath(name: string): string {
  return `${name}.estimate.json`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
