import { resolve } from "node:path";
import { Failure, type PartsAsked } from "@shardmill/core";
import { readToolchain } from "@shardmill/media";
import { aboutRetry, asRecorded, chooseRetry, commandOrigin } from "@shardmill/owner";
import {
  type BuildStatus,
  type PartStatus,
  type RetryItem,
  type RetrySelection,
  readStatus,
  sampleCodesOf,
  type UnreadSubset,
} from "@shardmill/pipeline";
import { corruptShards } from "@shardmill/shards";
import type { NotifyOptions, WorkOptions } from "../commands/shared-options.ts";
import type { CommandContext } from "../context/command-context.ts";
import { surroundingsOf } from "../context/surroundings.ts";
import { notifySettings } from "../notify/notify-settings.ts";
import { openOutput } from "../output/open-output.ts";
import { lookAtQueue } from "../output/queue-view.ts";
import { type PlaceOptions, readyPlace, useScratch } from "../output/ready-place.ts";
import { exitCodes } from "../process/exit-code.ts";
import { safeText } from "../text/clean-text.ts";
import { bytesText, countText, plural } from "../text/format.ts";
import { workerArgs } from "../worker/worker-args.ts";
import { endBuild } from "./build.ts";
import { cureOf, noteStale } from "./note-stale.ts";
import { noteUnread } from "./note-unread.ts";
import { type RunBuild, runBuild } from "./run-build.ts";

export interface RetryOptions extends WorkOptions, NotifyOptions, PlaceOptions {
  readonly missing?: true;
  readonly all?: true;
  readonly failed?: true;
  readonly stale?: true;
  readonly corrupt?: true;
  readonly failedSamples?: true;
  readonly code?: string;
  readonly parts?: string;
  readonly source?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

export async function retry(context: CommandContext, name: string, options: RetryOptions): Promise<void> {
  const { console, settings } = context;
  if (options.dryRun === true) useScratch(options);
  else await readyPlace(options);
  const { records, build: recorded } = await openOutput(options.out, name);
  const selection = selectionOf(options);
  const sourceFolder = options.source === undefined ? undefined : resolve(options.source);
  const { build, status, items, stale, unread } = await chooseRetry({
    records,
    build: recorded,
    selection,
    surroundings: { ...surroundingsOf(settings, options), isLook: options.dryRun === true },
    toolchain: (decoder) => readToolchain(decoder),
    sourceFolder,
    isLooking: sourceFolder !== undefined,
    statusOf: async (found) => readStatus(records, found, (await lookAtQueue(settings, records, found)).view),
    damagedOf: (labels) => corruptShards(records, labels, context.signal),
    within: (work) => work(context.signal),
  });
  noteStale(context, name, stale, options.out);
  noteUnread(context, unread);
  const shown = { items, stale, unread, selection };
  if (options.dryRun === true) return showItems(context, status, shown, options);
  const run: RunBuild = {
    records,
    build,
    parts: items.map(({ part, order }) => ({ part, order })),
    asked: items.map((item) => item.label),
    surroundings: surroundingsOf(settings, options),
    workerArgs: workerArgs(options),
    notify: await notifySettings(settings, options),
    mayHandOver: true,
    thenRoots: false,
    request: { verb: "retry", about: aboutRetry(selection) },
    comeBack: context.commandLine,
  };
  if (items.length === 0) {
    // What was thought stale may be again as it was planned: the record must not say otherwise.
    if (options.stale === true) await runBuild(context, run);
    else await keepNothing(run);
    showItems(context, status, shown, options);
    if (stale.length > 0) context.setExitCode(exitCodes.withFailures);
    return;
  }
  for (const { label, why } of items) console.note(`${label}: ${why}`);
  const end = await runBuild(context, run);
  endBuild(
    context,
    end,
    [...items, ...stale].map(({ label }) => label),
    options,
  );
  if (unread.length > 0) context.setExitCode(exitCodes.withFailures);
}

/** Whoever looks later sees that it was asked for. */
function keepNothing({ records, request }: RunBuild): Promise<null> {
  const asked = { verb: "retry" as const, about: request?.about ?? null, origin: commandOrigin() };
  return asRecorded(
    () => records,
    asked,
    async () => null,
    () => ({ result: "nothing_to_do", parts: 0 }),
  );
}

function selectionOf(options: RetryOptions): RetrySelection {
  const chosen = [
    options.missing,
    options.failed,
    options.stale,
    options.corrupt,
    options.failedSamples,
  ].filter((flag) => flag === true);
  if (chosen.length > 1)
    throw new Failure(
      "wrong_use",
      "choose one of --missing, --failed, --stale, --corrupt and --failed-samples",
    );
  if (options.code !== undefined && options.failedSamples !== true)
    throw new Failure("wrong_use", "--code goes with --failed-samples");
  if (options.all === true && options.missing !== true)
    throw new Failure("wrong_use", "--all goes with --missing");
  if (options.all === true && options.parts !== undefined)
    throw new Failure("wrong_use", "choose one of --all and --parts");
  const parts: PartsAsked | null =
    options.parts === undefined ? null : [{ list: "parts", text: options.parts }];
  if (options.missing === true) return { kind: "missing", parts, all: options.all === true };
  if (options.failed === true) return { kind: "failed", parts };
  if (options.stale === true) return { kind: "stale", parts };
  // Which are damaged is known once they have been read.
  if (options.corrupt === true) return { kind: "corrupt", shards: [], parts };
  if (options.failedSamples === true)
    return { kind: "failed-samples", codes: sampleCodesOf(options.code?.split(",") ?? []), parts };
  if (parts !== null) return { kind: "parts", parts };
  throw new Failure(
    "wrong_use",
    "say what to run again: --missing, --failed, --stale, --corrupt, --failed-samples or --parts",
  );
}

function showItems(
  { console }: CommandContext,
  status: BuildStatus,
  {
    items,
    stale,
    unread,
    selection,
  }: {
    readonly items: readonly RetryItem[];
    readonly stale: readonly PartStatus[];
    readonly unread: readonly UnreadSubset[];
    readonly selection: RetrySelection;
  },
  options: RetryOptions,
): void {
  if (options.json === true) {
    const told = unread.map(({ subset, failure: { code, message } }) => ({ subset, code, detail: message }));
    const more = told.length === 0 ? {} : { unread: told };
    const next = stale.length === 0 ? {} : { next: [cureOf(status.dataset, options.out)] };
    console.json({
      dataset: status.dataset,
      items,
      stale: stale.map(({ label }) => label),
      ...more,
      ...next,
    });
    return;
  }
  if (items.length === 0) {
    const isAtWork = status.parts.some(({ state }) => state === "queued" || state === "running");
    console.out(nothingText({ isStale: stale.length > 0, isUnread: unread.length > 0, isAtWork }));
    sayUnasked(console, status, selection);
    return;
  }
  const rows = items.map((item) => [
    item.label,
    item.order.kind,
    item.shards === null ? "?" : countText(item.shards),
    item.samples === null ? "" : countText(item.samples),
    bytesText(item.bytes),
    safeText(item.why),
  ]);
  console.table(["part", "order", "shards", "samples", "to read", "why"], rows, [
    "left",
    "left",
    "right",
    "right",
    "right",
    "left",
  ]);
  const bytes = items.reduce((sum, item) => sum + item.bytes, 0);
  console.out(
    `${plural(items.length, "part")}, about ${bytesText(bytes)} to read. Nothing has been started.`,
  );
  sayUnasked(console, status, selection);
}

function nothingText(why: {
  readonly isStale: boolean;
  readonly isUnread: boolean;
  readonly isAtWork: boolean;
}): string {
  if (why.isStale) return "Nothing to start: what this asks for is stale.";
  if (why.isUnread) return "Nothing to start: of media in your roots nothing can be told.";
  return `Nothing to do: everything this asks for is there${why.isAtWork ? " or at work" : ""}.`;
}

/** What `--missing` leaves to `--all`. */
function sayUnasked(
  console: CommandContext["console"],
  status: BuildStatus,
  selection: RetrySelection,
): void {
  if (selection.kind !== "missing" || selection.all === true || selection.parts !== null) return;
  const unasked = status.parts.filter((part) => !part.isAsked && part.state === "missing").length;
  if (unasked > 0)
    console.out(
      `${plural(unasked, "part")} that no build here has asked for: --missing --all takes them too.`,
    );
}
