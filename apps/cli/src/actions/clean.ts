import { resolve } from "node:path";
import { Failure } from "@shardmill/core";
import { removeCached } from "@shardmill/sources";
import { type Found, type FoundOutput, findThings } from "../clean/find-things.ts";
import { type Cleanable, cleanable, type FileKind } from "../clean/known-files.ts";
import { cleanDrafts, cleanOutput, cleanOverlaps } from "../clean/remove-things.ts";
import { askYes, canAsk } from "../context/ask.ts";
import type { CommandContext } from "../context/command-context.ts";
import { exitCodes } from "../process/exit-code.ts";
import { safeText } from "../text/clean-text.ts";
import { bytesText, countText, plural } from "../text/format.ts";

interface CleanOptions {
  readonly out: string;
  readonly cache?: string;
  readonly remove?: string[];
  readonly yes?: true;
  readonly json?: true;
}

/** A line of what lies where: `removed` says that it goes with what was asked for. */
interface CleanLine {
  readonly where: string;
  readonly what: FileKind | "drafts" | "overlaps" | "mixes" | "cache";
  readonly files: number;
  readonly bytes: number;
  readonly removed: boolean;
}

/** Shows what lies in an output folder; removes what is asked for, when it is asked for and said yes to. */
export async function clean(
  context: CommandContext,
  names: readonly string[],
  options: CleanOptions,
): Promise<void> {
  const { console, signal } = context;
  const kinds = kindsOf(options.remove ?? [], names, options);
  const found = await findThings(options, names, signal);
  const lines = linesOf(found, kinds, options);
  const doomed = lines.filter(({ removed }) => removed);
  if (options.json === true && options.yes !== true)
    return console.json({ things: lines, busy: busyOf(found) });
  if (options.json !== true) print(context, found, lines);
  if (kinds.size === 0) return;
  if (doomed.length === 0) return console.out("Nothing of what was asked for is there.");
  if (options.yes !== true && !(await isConfirmed(context, doomed)))
    throw new Failure("wrong_use", "nothing was removed: say yes, or give --yes");
  const left = await removeAll(context, found, { kinds, cache: options.cache });
  const after = await findThings(options, [], signal);
  if (options.json === true)
    console.json({ things: linesOf(after, new Set(), options), busy: busyOf(after), left });
  else {
    const bytes = sum(doomed.map((line) => line.bytes)) - left.reduce((all, { bytes: own }) => all + own, 0);
    console.out(`removed: ${bytesText(Math.max(0, bytes))}`);
    for (const { name, why } of left) console.note(`${name} ${safeText(why)}: left alone`);
    noteStrangers(context, found, kinds);
  }
  if (left.length > 0) context.setExitCode(exitCodes.withFailures);
}

function kindsOf(
  words: readonly string[],
  names: readonly string[],
  { cache }: Pick<CleanOptions, "cache">,
): ReadonlySet<Cleanable> {
  const kinds = words.map((word) => {
    const kind = cleanable.find((one) => one === word);
    if (kind === undefined)
      throw new Failure("wrong_use", `--remove ${word}: known are ${cleanable.join(", ")}`);
    return kind;
  });
  if (kinds.includes("build") && names.length === 0)
    throw new Failure(
      "wrong_use",
      "--remove build: name the builds, as in shardmill clean NAME --remove build",
    );
  if (kinds.includes("cache") && cache === undefined)
    throw new Failure("wrong_use", "--remove cache: name its folder with --cache");
  return new Set(kinds);
}

const goesWithBuild: readonly FileKind[] = [
  "shards",
  "supplements",
  "lists",
  "records",
  "indexes",
  "logs",
  "temporaries",
];

function isDoomed(kind: FileKind, kinds: ReadonlySet<Cleanable>): boolean {
  if (kinds.has("build") && goesWithBuild.includes(kind)) return true;
  return cleanable.some((one) => one === kind && kinds.has(one));
}

function linesOf(
  { outputs, drafts, beside: made, cached }: Found,
  kinds: ReadonlySet<Cleanable>,
  { cache }: Pick<CleanOptions, "cache">,
): CleanLine[] {
  const lines = outputs.flatMap(({ name, files, busy }) =>
    [...goesWithBuild, "unknown" as const].flatMap((what): CleanLine[] => {
      const own = files.filter(({ kind }) => kind === what);
      if (own.length === 0) return [];
      const removed = busy === null && isDoomed(what, kinds);
      return [{ where: name, what, files: own.length, bytes: sum(own.map(({ bytes }) => bytes)), removed }];
    }),
  );
  const beside = drafts.map(({ path, bytes }) => ({
    ...{ where: path, what: "drafts" as const, files: 1, bytes, removed: kinds.has("drafts") },
  }));
  const ofSeveral = made.map(({ path, what, files: own }) => ({
    ...{ where: path, what, files: own.length, bytes: sum(own.map(({ bytes }) => bytes)) },
    removed: what === "overlaps" && kinds.has("overlaps"),
  }));
  const files = sum(cached.map((entry) => entry.files.length));
  const kept: CleanLine[] =
    files === 0
      ? []
      : [
          {
            ...{ where: cache ?? "", what: "cache", files, removed: kinds.has("cache") },
            bytes: sum(cached.map(({ bytes }) => bytes)),
          },
        ];
  return [...lines, ...beside, ...ofSeveral, ...kept];
}

function print({ console }: CommandContext, found: Found, lines: readonly CleanLine[]): void {
  if (lines.length === 0) {
    console.out("Nothing lies there.");
    return;
  }
  const rows = lines.map(({ where, what, files, bytes, removed }) => [
    safeText(where),
    what,
    countText(files),
    bytesText(bytes),
    removed ? console.paint("red", "remove") : "",
  ]);
  console.table(["where", "what", "files", "size", ""], rows, ["left", "left", "right", "right", "left"]);
  console.out(`${bytesText(sum(lines.map(({ bytes }) => bytes)))} in all`);
  for (const { name, why } of busyOf(found)) console.out(console.paint("yellow", `${name} ${safeText(why)}`));
}

function busyOf({ outputs }: Found): { readonly name: string; readonly why: string }[] {
  return outputs.flatMap(({ name, busy }) => (busy === null ? [] : [{ name, why: busy }]));
}

async function isConfirmed(
  { settings, signal }: CommandContext,
  doomed: readonly CleanLine[],
): Promise<boolean> {
  if (!canAsk(settings)) return false;
  const files = sum(doomed.map((line) => line.files));
  const bytes = sum(doomed.map((line) => line.bytes));
  return askYes(`Remove ${plural(files, "file")}, ${bytesText(bytes)}, for good?`, signal);
}

/** What could not be removed, and why. */
interface Left {
  readonly name: string;
  readonly why: string;
  readonly bytes: number;
}

async function removeAll(
  { signal }: CommandContext,
  found: Found,
  { kinds, cache }: { readonly kinds: ReadonlySet<Cleanable>; readonly cache: string | undefined },
): Promise<Left[]> {
  const left: Left[] = [];
  const besides = new Set<Cleanable>(["drafts", "overlaps", "cache"]);
  const isOfOutputs = [...kinds].some((kind) => !besides.has(kind));
  for (const output of isOfOutputs ? found.outputs : []) {
    if (output.busy !== null) {
      left.push({ name: output.name, why: output.busy, bytes: 0 });
      continue;
    }
    await cleanOutput(output, kinds, signal).catch((error: unknown) => {
      if (!(error instanceof Failure) || error.code !== "build_locked") throw error;
      left.push({ name: output.name, why: error.message, bytes: doomedBytes(output, kinds) });
    });
  }
  if (kinds.has("drafts")) await cleanDrafts(found);
  if (kinds.has("overlaps")) await cleanOverlaps(found);
  if (kinds.has("cache") && cache !== undefined)
    for (const file of found.cached) {
      if (file.isClaimed) left.push({ name: file.key, why: "is being read", bytes: file.bytes });
      else await removeCached(resolve(cache), file);
    }
  return left;
}

function doomedBytes({ files }: FoundOutput, kinds: ReadonlySet<Cleanable>): number {
  return sum(files.filter(({ kind }) => isDoomed(kind, kinds)).map(({ bytes }) => bytes));
}

/** What stays in the folder of a build that is gone. */
function noteStrangers({ console }: CommandContext, { outputs }: Found, kinds: ReadonlySet<Cleanable>): void {
  if (!kinds.has("build")) return;
  for (const { name, files, busy } of outputs) {
    const strangers = files.filter(({ kind }) => kind === "unknown");
    const [first] = strangers;
    if (busy === null && first !== undefined)
      console.note(
        `${name} still holds ${plural(strangers.length, "file")} that Shardmill did not make, such as ${safeText(first.path)}`,
      );
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
