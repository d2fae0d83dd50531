import {
  type BuildRecord,
  jsonOrNull,
  type Manifest,
  type MemberPace,
  partLabel,
  piecesBytes,
} from "@shardmill/core";
import {
  estimateWhole,
  type MachineLoad,
  type Reach,
  type Tried,
  type WholeEstimate,
} from "@shardmill/pipeline";
import { openRecords, openStore, type Records } from "@shardmill/store";
import { z } from "zod";
import type { CommandContext } from "../context/command-context.ts";
import { bytesText, countText, durationText, plural } from "../text/format.ts";
import type { TimedStatus } from "./status.ts";
import { tryName } from "./try-build.ts";

const reachSchema = z.object({ low: z.number(), about: z.number(), high: z.number() });
const loadSchema = z.object({ processors: z.number(), others: z.number() });
const estimateSchema = z.object({
  parts: z.array(z.string()),
  samples: reachSchema,
  diskBytes: reachSchema,
  seconds: reachSchema,
  load: loadSchema.nullable().default(null),
});

/** A build that has ended, and what else the machine did meanwhile. */
export interface EndedBuild extends TimedStatus {
  readonly load: MachineLoad | null;
}

/** Tells what the whole would take, and keeps that beside the small build. */
export async function tellEstimate(
  { console }: CommandContext,
  build: BuildRecord,
  { whole, outRoot }: { readonly whole: readonly string[]; readonly outRoot: string },
  ended: EndedBuild,
): Promise<void> {
  const records = openRecords(await openStore(outRoot), build.dataset.name);
  console.out(
    `a small build (${onlyText(build)}): ${plural(ended.status.totals.samples, "sample")} of ${plural(build.selected.length, "part")}; its shards are of a recipe of their own`,
  );
  const estimate = await estimateOf(records, build, whole, ended);
  if (estimate === null) return console.out("it made no sample, which tells nothing of the whole");
  const text = `${JSON.stringify({ parts: whole, ...estimate, load: ended.load }, null, 2)}\n`;
  await records.store.put(estimatePath(build.dataset.name), text);
  console.out(
    `the whole, ${plural(whole.length, "part")} of ${bytesText(estimate.sourceBytes)} at the source, would take:`,
  );
  for (const [what, reach, text] of figures(estimate)) console.out(`  ${what} about ${between(reach, text)}`);
  console.out(`  ${madeOf(estimate, ended.load)}`);
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

/** How the figures were made. */
function madeOf({ pace }: WholeEstimate, load: MachineLoad | null): string {
  const few = (value: number): string => String(Number(value.toPrecision(2)));
  const others = load === null ? "what others took is not known" : `${othersText(load)} meanwhile`;
  return `by how ${plural(pace.samples, "sample")} varied; of time, ${few(pace.stepS)} s a sample and ${few(pace.fixedS)} s whatever the size; ${others}`;
}

function othersText({ processors, others }: MachineLoad): string {
  return `others took ${others.toFixed(1)} of ${plural(processors, "processor")}`;
}

async function estimateOf(
  records: Records,
  { selected, parts, recipe }: BuildRecord,
  whole: readonly string[],
  { time, load }: EndedBuild,
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
  const all = { parts: tried, ...timesOf(manifests, time), load, samplesPerShard: recipe.samplesPerShard };
  return estimateWhole(
    all,
    whole.map((label) => sizes.get(label) ?? 0),
  );
}

/** Of a small build that was stopped, what was made before is added to what its last run took. */
function timesOf(
  manifests: readonly Manifest[],
  time: TimedStatus["time"],
): Pick<Tried, "seconds" | "busyS" | "shards"> {
  const made = manifests.map((manifest) => manifest.made);
  const busyS = busySeconds(made);
  const now = busySeconds(made.filter((one) => isOfRun(one, time)));
  const shards = made.flatMap(({ seconds, pace }): { seconds: number; pace: MemberPace }[] =>
    pace === undefined ? [] : [{ seconds, pace }],
  );
  return { seconds: busyS + Math.max(0, time.seconds - now), busyS, shards };
}

function isOfRun({ committedAt }: Manifest["made"], { beganAt }: TimedStatus["time"]): boolean {
  return beganAt !== null && Date.parse(committedAt) >= Date.parse(beganAt);
}

/** Seconds in which at least one shard was being made. */
function busySeconds(made: readonly Pick<Manifest["made"], "committedAt" | "seconds">[]): number {
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
  { status, time, load }: EndedBuild,
  outRoot: string,
): Promise<void> {
  const store = await openStore(outRoot);
  const bytes = await store.read(estimatePath(tryName(build.dataset.name)));
  const read =
    bytes === null ? null : estimateSchema.safeParse(jsonOrNull(Buffer.from(bytes).toString("utf8")));
  if (read?.success !== true) return;
  const told = read.data;
  const own = new Set(build.selected.map(partLabel));
  const isSame = own.size === told.parts.length && told.parts.every((label) => own.has(label));
  if (!isSame || status.parts.some(({ label, state }) => own.has(label) && state !== "done")) return;
  const manifests = await openRecords(store, build.dataset.name).listManifests();
  const isOneRun = manifests.every(({ made }) => isOfRun(made, time));
  const { samples, shardBytes } = status.totals;
  const ends = [samples, shardBytes, isOneRun ? time.seconds : null];
  for (const [at, [what, reach, say]] of figures(told).entries()) {
    const end = ends[at] ?? null;
    if (end === null) {
      console.out(`${what} not compared: it was made in several runs`);
      continue;
    }
    const isWithin = end >= reach.low && end <= reach.high;
    const verdict = console.paint(isWithin ? "green" : "yellow", isWithin ? "within" : "outside");
    console.out(`${what} ${say(end)}, ${verdict} what was estimated: ${between(reach, say)}`);
  }
  if (told.load !== null && load !== null && isOneRun)
    console.out(`        ${othersText(load)}, ${told.load.others.toFixed(1)} in the small build`);
}

/** In the output's folder. */
function estimatePath(name: string): string {
  return `${name}.estimate.json`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
