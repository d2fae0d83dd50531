import { userInfo } from "node:os";
import { type BuildRecord, Failure, isKey, type Manifest, plainLine } from "@shardmill/core";
import { mixesWith } from "@shardmill/mixes";
import {
  derivedHolding,
  finishLeft,
  isOfOtherForm,
  planWithdrawal,
  rewriteShard,
  sealBuild,
  shardsHolding,
  type WithdrawalPlan,
  withdraw,
} from "@shardmill/pipeline";
import {
  acquireBuildLock,
  isOfSplit,
  originsOf,
  outputPlace,
  type Records,
  type Store,
  sweepTemporaries,
} from "@shardmill/store";
import type { CommandContext } from "../context/command-context.ts";
import { openOutput } from "../output/open-output.ts";
import { type PlaceOptions, readyPlace, sweepScratch, useScratch } from "../output/ready-place.ts";
import { exitCodes } from "../process/exit-code.ts";
import { doneLines, plannedLines, unknownLines, withdrawalJson } from "../screen/withdraw-result.ts";
import { safeText } from "../text/clean-text.ts";
import { plural } from "../text/format.ts";
import { type AskedNames, readWithdrawalList } from "./read-withdrawal-list.ts";

export interface WithdrawOptions extends Omit<PlaceOptions, "out"> {
  readonly member?: readonly string[];
  readonly group?: readonly string[];
  readonly list?: string;
  readonly reason?: string;
  readonly rewrite?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

interface Output {
  readonly store: Store;
  readonly records: Records;
  readonly build: BuildRecord;
}

export async function withdrawSamples(
  context: CommandContext,
  { path, keys }: { readonly path: string; readonly keys: readonly string[] },
  options: WithdrawOptions,
): Promise<void> {
  const { root, name } = outputPlace(path);
  useScratch(options);
  const output = await openOutput(root, name);
  refuseOld(path, output.build);
  const asked = await askedFor(keys, options, context.signal);
  mustBeAsked(output, asked, options);
  if (options.dryRun === true) {
    const plan = await planned(context, output, asked, { path, options });
    const rewritten = toRewrite(await shardsHolding(output.records), plan, options);
    const told = { path, plan, rewritten, listed: asked.listed };
    if (options.json === true)
      context.console.json(withdrawalJson(told, { isDone: false, derived: [], mixes: [] }));
    else for (const line of plannedLines(told, options.rewrite === true)) context.console.out(line);
    return noteUnknown(context, told, options);
  }
  await readyPlace({ ...options, out: root });
  const lock = await acquireBuildLock(output.records, { build: "a withdrawal" });
  const signal = AbortSignal.any([context.signal, lock.lost]);
  try {
    await carryOut({ ...context, signal }, output, asked, { path, options });
  } finally {
    await lock.release();
  }
}

interface Asked extends AskedNames {
  /** Of names that only the list has: their lines. */
  readonly listed: ReadonlyMap<string, number>;
}

interface Asking {
  /** As it was given, for the commands that are printed. */
  readonly path: string;
  readonly options: WithdrawOptions;
}

async function carryOut(
  context: CommandContext,
  output: Output,
  asked: Asked,
  { path, options }: Asking,
): Promise<void> {
  const { console, signal } = context;
  const { store, records, build } = output;
  for (const shard of await finishLeft(output, signal))
    console.note(`${shard}: committed from what one that was killed had made of it`);
  const plan = await planned(context, output, asked, { path, options });
  await withdraw(output, plan, signal);
  // What is asked to be gone is gone from the lists before anything takes its time.
  await sealBuild({ records, build });
  const holding = await shardsHolding(records);
  const rewritten = options.rewrite === true ? holding.map(({ shard }) => shard) : [];
  if (options.rewrite === true) {
    for (const manifest of holding) {
      await rewriteShard(output, manifest, `withdraw ${process.pid}`, signal);
      console.note(
        `${manifest.shard}: made again without ${plural(manifest.withdrawn?.length ?? 0, "sample")}`,
      );
    }
    if (holding.length > 0) await sealBuild({ records, build });
    // A tar that gave way lies on where this was killed before, and in scratch what was not sent.
    await sweepTemporaries(store, records.dataset);
    await sweepScratch(store.root);
  }
  const derived = await derivedHolding(store, records.dataset, signal);
  const told = { path, plan, rewritten, listed: asked.listed };
  noteUnknown(context, told, options);
  const isCarriedOver = asked.keys.size + asked.members.size + asked.groups.size === 0;
  if (plan.lines.length > 0 && !isCarriedOver) noteOrigins(context, originsOf(build));
  const isOther = plan.shards.length > 0 || rewritten.length > 0;
  const mixes = isOther ? await mixesWith(store, records.dataset) : [];
  const next = derived.map((one) => ({ ...one, path: beside(path, one.dataset) }));
  if (options.json === true)
    return console.json(withdrawalJson(told, { isDone: true, derived: next, mixes }));
  const left = options.rewrite === true ? [] : holding;
  for (const line of doneLines(told, { holding: left, derived: next, mixes })) console.out(line);
}

/** Its indexes and records are of another version: what would be written into them here would be half of the one and half of the other. */
function refuseOld(path: string, build: BuildRecord): void {
  if (isOfSplit(build) || !isOfOtherForm(build)) return;
  const { dataset, toolchain } = build;
  throw new Failure(
    "wrong_use",
    `${path} was made by Shardmill ${toolchain.shardmill}, whose samples have another form, and nothing can be taken out of it: make it anew (build ${dataset.name} with --rebuild), then withdraw, and publish nothing of it until then`,
  );
}

/** The path of another output in the same place, told as this one was given. */
function beside(path: string, name: string): string {
  return path.replace(/[^/]*\/*$/, name);
}

async function askedFor(
  given: readonly string[],
  { member = [], group = [], list }: WithdrawOptions,
  signal: AbortSignal,
): Promise<Asked> {
  const wrong = given.find((key) => !isKey(key));
  if (wrong !== undefined)
    throw new Failure(
      "wrong_use",
      `${safeText(wrong)} is no key; a file of the source is named with --member`,
    );
  const asked = { keys: new Set(given), members: new Set(member), groups: new Set(group) };
  return { ...asked, listed: list === undefined ? new Map() : await readWithdrawalList(list, asked, signal) };
}

/** With nothing named, there is only what was withdrawn already: here, or where the samples come from. */
function mustBeAsked(
  { build }: Output,
  { keys, members, groups }: AskedNames,
  options: WithdrawOptions,
): void {
  const row = [...members].find((member) => /^row \d+$/.test(member));
  if (row !== undefined)
    throw new Failure("wrong_use", `every file of rows has a ${row}: name its sample by the key`);
  if (keys.size > 0 || members.size > 0 || groups.size > 0) return;
  if (options.list !== undefined)
    throw new Failure("wrong_use", `the list ${options.list} names nothing to withdraw`);
  if (build.source.kind === "output" || options.rewrite === true) return;
  throw new Failure("wrong_use", "say what to withdraw: keys, --member, --group or --list");
}

async function planned(
  { signal }: CommandContext,
  output: Output,
  asked: Asked,
  { path, options }: Asking,
): Promise<WithdrawalPlan> {
  const reason = options.reason === undefined ? null : plainLine(options.reason).slice(0, 500);
  const by = { reason, by: userName(), at: new Date().toISOString() };
  const plan = await planWithdrawal(output, asked, by, signal);
  // Of a list the others go all the same: whoever has to take them away must not wait for one that is gone or was never here.
  const mistaken = plan.unknown.filter(({ name }) => !asked.listed.has(name));
  const [first] = mistaken;
  if (first === undefined) return plan;
  throw new Failure(
    "wrong_use",
    mistaken.length === 1
      ? `${path} has no ${first.kind} ${safeText(first.name)}; nothing was withdrawn`
      : `${path} has none of ${plural(mistaken.length, "name")} of those asked for, such as ${safeText(first.name)}; nothing was withdrawn`,
  );
}

/** Whoever finds a sample in what was made of others may think that this is where it lies. */
function noteOrigins({ console }: CommandContext, origins: readonly string[]): void {
  if (origins.length > 0)
    console.note(
      `it is made from ${origins.join(", ")}: what was withdrawn here alone lies there still, and in what else is made from there`,
    );
}

function noteUnknown(
  { console, setExitCode }: CommandContext,
  told: Parameters<typeof unknownLines>[0],
  { list = "" }: WithdrawOptions,
): void {
  if (told.plan.unknown.length === 0) return;
  for (const line of unknownLines(told, list)) console.note(line);
  setExitCode(exitCodes.withFailures);
}

function toRewrite(holding: readonly Manifest[], plan: WithdrawalPlan, options: WithdrawOptions): string[] {
  if (options.rewrite !== true) return [];
  const concerned = plan.shards.flatMap(({ shard, samples }) => (samples.length > 0 ? [shard] : []));
  return [...new Set([...holding.map(({ shard }) => shard), ...concerned])].sort();
}

/** Some systems know no name for a number. */
function userName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}
