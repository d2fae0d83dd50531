import type { Manifest } from "@shardmill/core";
import type { DerivedOutput, WithdrawalPlan } from "@shardmill/pipeline";
import { safeText } from "../text/clean-text.ts";
import { countText, plural } from "../text/format.ts";
import { pathWord, shellCommand } from "../text/shell-command.ts";

interface Told {
  readonly path: string;
  readonly plan: WithdrawalPlan;
  /** Shards that are made again. */
  readonly rewritten: readonly string[];
  /** The lines of a list that names stand in. */
  readonly listed: ReadonlyMap<string, number>;
}

type Derived = DerivedOutput & { readonly path: string };

/** What holds withdrawn samples still. */
interface Left {
  readonly holding: readonly Manifest[];
  readonly derived: readonly Derived[];
  /** By their names: published before this. */
  readonly mixes: readonly string[];
}

/** What would happen, all of it. */
export function plannedLines({ path, plan, rewritten }: Told, isRewriting: boolean): string[] {
  return [
    ...plan.shards.flatMap(({ shard, samples, untried }) => [
      ...samples.map(({ key, member }) => `${key}  ${shard}  ${safeText(member)}`),
      ...untried.map((member) => `-  ${shard}  ${safeText(member)} (had failed; is not tried again)`),
    ]),
    ...rewritten.map((shard) => `${shard} would be made again`),
    ...(isRewriting ? [] : ["tars would stay as they are: --rewrite makes them again"]),
    `${sumOf(plan)} would be withdrawn from ${path}${alreadyText(plan)}. Nothing has been done.`,
  ];
}

export function doneLines({ path, plan, rewritten }: Told, { holding, derived, mixes }: Left): string[] {
  const left = holding.reduce((sum, { withdrawn = [] }) => sum + withdrawn.length, 0);
  return [
    `${sumOf(plan)} withdrawn from ${path}${alreadyText(plan)}.`,
    ...(rewritten.length === 0 ? [] : [`${plural(rewritten.length, "shard")} made again.`]),
    ...(left === 0
      ? []
      : [
          `${plural(holding.length, "tar")} still ${holding.length === 1 ? "holds" : "hold"} ${plural(left, "withdrawn sample")}: ${command(path)} --rewrite`,
          "until then Energon, DALI and mixes leave out by key; shardlist.txt and wids name whole tars, and their readers go by withdrawn.txt",
        ]),
    ...mixes.map((mix) => `the mix ${mix} was published with this: publish it again with shardmill mix`),
    ...derived.map((one) =>
      one.problem === null
        ? `${one.dataset}, made from this, still holds ${plural(one.samples, "withdrawn sample")}: ${command(one.path)}`
        : `${one.dataset}: nobody can tell what it holds: ${safeText(one.problem)}`,
    ),
  ];
}

/** More than these nobody reads; all are in the JSON. */
const unknownShown = 10;

/** What a list names and nothing is known by. */
export function unknownLines({ path, plan, listed }: Told, list: string): string[] {
  const count = plan.unknown.length;
  const more = count - unknownShown;
  return [
    `${plural(count, "name")} of ${list} ${count === 1 ? "is" : "are"} not in ${path}, nor kept in mind for what is made later:`,
    ...plan.unknown
      .slice(0, unknownShown)
      .map(({ kind, name }) => `  line ${listed.get(name)}: no ${kind} ${safeText(name, 80)}`),
    ...(more > 0 ? [`  and ${countText(more)} more; --json has all of them`] : []),
  ];
}

export function withdrawalJson(
  { path, plan, rewritten, listed }: Told,
  { isDone, derived, mixes }: Pick<Left, "derived" | "mixes"> & { readonly isDone: boolean },
): unknown {
  return {
    path,
    done: isDone,
    samples: plan.shards.flatMap(({ shard, samples }) => samples.map((sample) => ({ ...sample, shard }))),
    untried: plan.shards.flatMap(({ shard, untried }) => untried.map((member) => ({ member, shard }))),
    already: plan.already,
    unknown: plan.unknown.map(({ kind, name }) => ({ kind, name, line: listed.get(name) ?? null })),
    rewritten,
    derived: derived.map(({ dataset, samples, problem, path: place }) => ({
      dataset,
      samples,
      problem,
      next: command(place),
    })),
    mixes,
  };
}

function command(path: string): string {
  return shellCommand("shardmill", "withdraw", pathWord(path));
}

function sumOf({ shards }: WithdrawalPlan): string {
  const samples = shards.reduce((sum, shard) => sum + shard.samples.length, 0);
  const untried = shards.reduce((sum, shard) => sum + shard.untried.length, 0);
  const holding = shards.filter((shard) => shard.samples.length > 0).length;
  const of = samples === 0 ? "" : ` of ${plural(holding, "shard")}`;
  const failed = untried === 0 ? "" : ` and ${plural(untried, "member")} that had failed`;
  return `${plural(samples, "sample")}${of}${failed}`;
}

function alreadyText({ already }: WithdrawalPlan): string {
  return already === 0 ? "" : ` (${countText(already)} had been withdrawn before)`;
}
