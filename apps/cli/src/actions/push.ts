import { Failure, layoutOf } from "@shardmill/core";
import { listedShards } from "@shardmill/pipeline";
import {
  type OwnNames,
  type PushedOutput,
  type PushPlan,
  placeOfShards,
  planPush,
  push,
  wantedFiles,
} from "@shardmill/push";
import { datasetCard, readSet, type SetFacts } from "@shardmill/report";
import { type HubRepo, openHubRepo } from "@shardmill/sources";
import { outputPlace } from "@shardmill/store";
import type { CommandContext } from "../context/command-context.ts";
import { surroundingsOf } from "../context/surroundings.ts";
import { openOutput } from "../output/open-output.ts";
import { PushProgress } from "../screen/push-progress.ts";
import { endLines, planLines, pushJson } from "../screen/push-result.ts";
import { safeText } from "../text/clean-text.ts";
import { pathWord, shellCommand } from "../text/shell-command.ts";
import { placesOf } from "./mix.ts";
import { requireRedistribution } from "./require-redistribution.ts";

export interface PushOptions {
  readonly private?: true;
  readonly branch: string;
  readonly layout?: string;
  readonly dryRun?: true;
  readonly despiteTerms?: true;
  readonly maxBandwidth?: number;
  readonly json?: true;
}

export async function pushOutput(
  context: CommandContext,
  names: { readonly path: string; readonly repo: string },
  options: PushOptions,
): Promise<void> {
  const { console, signal } = context;
  const { set, pushed, own } = await readOutput(context, names.path);
  requireLayout(set, names.path, options.layout);
  requireRedistribution(console, set, options.despiteTerms === true);
  await noteWithdrawn(context, set, names.path);
  for (const why of set.facts.unfinished) console.note(`not finished: ${safeText(why)}`);
  const repo = openRepo(context, names.repo, options);
  const wanted = await wantedFiles(pushed, signal);
  const target = { branch: options.branch, ...own };
  const plan = await planPush(repo, wanted, target, signal);
  requirePrivate(repo, plan, options);
  noteOthers(context, plan);
  if (options.dryRun === true) {
    if (options.json === true) console.json(pushJson(repo, plan, null));
    else for (const line of planLines(repo, plan)) console.out(line);
    return;
  }
  await carryOut(context, { repo, plan }, options);
}

/** Another layout is another output, which `layout` makes. */
function requireLayout({ facts }: SetFacts, path: string, layout: string | undefined): void {
  const own = layoutOf(facts.recipe)?.kind ?? "frames";
  if (layout === undefined || layout === own) return;
  const remedy =
    layout === "frames"
      ? ""
      : `; make that one with: ${shellCommand("shardmill", "layout", path, layout)} --as NAME`;
  throw new Failure("wrong_use", `the samples of ${facts.name} lie as ${own}, not as ${layout}${remedy}`);
}

async function readOutput(
  context: CommandContext,
  path: string,
): Promise<{ readonly set: SetFacts; readonly pushed: PushedOutput; readonly own: OwnNames }> {
  const { root: out, name: output } = outputPlace(path);
  const { store, records, build } = await openOutput(out, output);
  const { dataset } = await placesOf(context, out);
  const set = await readSet(output, { store, dataset, tars: 0 }, context.signal);
  if ("problem" in set) throw new Failure("wrong_use", set.problem);
  const { placeOf, pattern } = placeOfShards(output, set.facts.shards.length);
  const { shards, indexes } = await listedShards(records, build, placeOf);
  if (shards.length === 0)
    throw new Failure("wrong_use", `${output} has no shard yet: there is nothing to push`);
  const texts = Object.entries({ "README.md": datasetCard(set, pattern), ...indexes });
  return {
    set,
    pushed: {
      store,
      dataset: output,
      shards,
      texts: Object.fromEntries(texts.filter((one): one is [string, string] => one[1] !== null)),
    },
    own: {
      dataset: output,
      lists: texts.map(([path]) => path),
      subsets: new Set(build.parts.flatMap(({ subset }) => subset ?? [])),
    },
  };
}

/** A moment is enough for what a person reads; the Hub takes its time to put the parts of a large file together. */
const idleTimeoutMs = 120_000;

function openRepo(
  { settings }: CommandContext,
  repo: string,
  { maxBandwidth, dryRun }: PushOptions,
): HubRepo {
  const { hubEndpoint: endpoint, hubToken: token } = settings;
  if (token === null && dryRun !== true)
    throw new Failure("wrong_use", "push needs a token that may write: set HF_TOKEN");
  const deps = { idleTimeoutMs, ...surroundingsOf(settings, { out: ".", maxBandwidth }) };
  return openHubRepo({ repo, endpoint, token }, deps);
}

/** What is wanted private must not be made public because somebody was there before. */
function requirePrivate(repo: HubRepo, { found }: PushPlan, options: PushOptions): void {
  if (options.private !== true || found.kind !== "commit" || found.isPrivate) return;
  throw new Failure(
    "wrong_use",
    `${repo.name} is there already and public; make it private at ${repo.page}/settings, or leave --private out`,
  );
}

/** What was pushed stays in a repository's history, whatever is pushed later. */
async function noteWithdrawn({ console }: CommandContext, { facts }: SetFacts, path: string): Promise<void> {
  const { root: out, name: output } = outputPlace(path);
  const { records } = await openOutput(out, output);
  if ((await records.readWithdrawn()).length === 0) return;
  const held = facts.shards.reduce((sum, { withdrawn }) => sum + withdrawn.length, 0);
  console.note(
    "note: samples were withdrawn from this output, and the Hub's history keeps what was pushed before: squash it there, or make a new repository",
  );
  if (held > 0)
    console.note(
      `note: the tars still hold ${held} of them, and are sent so; first make them again with: ${shellCommand("shardmill", "withdraw", pathWord(path), "--rewrite")}`,
    );
}

function noteOthers({ console }: CommandContext, { others }: PushPlan): void {
  const [first] = others;
  if (first === undefined) return;
  const more = others.length === 1 ? "" : ` and ${others.length - 1} more`;
  console.note(
    `note: the repository has tars of no shard of this output (${safeText(first)}${more}): they stay, its lists do not name them`,
  );
}

async function carryOut(
  { console, signal }: CommandContext,
  { repo, plan }: { readonly repo: HubRepo; readonly plan: PushPlan },
  options: PushOptions,
): Promise<void> {
  const isQuiet = options.json === true;
  const progress = new PushProgress(console, plan, { isQuiet });
  const began = performance.now();
  try {
    const events = {
      onBytes: progress.bytes.bind(progress),
      onFile: progress.ended.bind(progress),
      onCommit: progress.committed.bind(progress),
    };
    const result = await push(repo, plan, { isPrivate: options.private === true, ...events }, signal);
    progress.close();
    if (isQuiet) return console.json(pushJson(repo, plan, result));
    const seconds = (performance.now() - began) / 1000;
    for (const line of endLines(repo, plan, { result, seconds })) console.out(line);
  } catch (error) {
    progress.stopped();
    throw error;
  } finally {
    progress.close();
  }
}
