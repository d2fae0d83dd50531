import { Failure } from "@shardmill/core";
import { type CopyResult, copyOutput } from "@shardmill/shards";
import { openRecords, openStore, outputPlace, type Records } from "@shardmill/store";
import { isBucketAddress } from "@shardmill/store/bucket-address";
import type { CommandContext } from "../context/command-context.ts";
import { mustKeepConditions, useScratch } from "../output/ready-place.ts";
import { CopyProgress } from "../screen/copy-progress.ts";
import { safeText } from "../text/clean-text.ts";
import { bytesText, countText, durationText, plural } from "../text/format.ts";
import { shellCommand } from "../text/shell-command.ts";

export interface CopyOptions {
  readonly scratch?: string;
  readonly singleWriter?: true;
  readonly json?: true;
}

export async function copy(
  context: CommandContext,
  { path, place }: { readonly path: string; readonly place: string },
  options: CopyOptions,
): Promise<void> {
  const { console, signal } = context;
  useScratch(options);
  const from = await builtAt(path);
  const to = openRecords(await openStore(place), from.dataset);
  if (from.store.root === to.store.root)
    throw new Failure("wrong_use", `${place} is where ${from.dataset} lies already`);
  const isSingleWriter = options.singleWriter === true;
  if (isBucketAddress(place) && !isSingleWriter) await mustKeepConditions(place);
  const progress = new CopyProgress(console, { isQuiet: options.json === true });
  const began = performance.now();
  try {
    const result = await copyOutput(from, to, { isSingleWriter, ...progress.events }, signal);
    progress.close();
    const target = `${place.replace(/\/+$/, "")}/${from.dataset}`;
    if (options.json === true) return console.json({ target, ...result });
    for (const line of endLines(result, { target, seconds: (performance.now() - began) / 1000 }))
      console.out(line);
  } catch (error) {
    progress.stopped();
    throw error;
  } finally {
    progress.close();
  }
}

async function builtAt(path: string): Promise<Records> {
  const { root, name } = outputPlace(path);
  const records = openRecords(await openStore(root), name);
  if ((await records.readBuild()) === null) throw new Failure("wrong_use", `there is no build at ${path}`);
  return records;
}

function endLines(
  result: CopyResult,
  { target, seconds }: { readonly target: string; readonly seconds: number },
): string[] {
  const { files, bytes, thereFiles, thereBytes, shards, leftOut } = result;
  const there =
    thereFiles === 0 ? "" : `; ${plural(thereFiles, "file")} (${bytesText(thereBytes)}) were there`;
  const [first] = leftOut;
  return [
    `${safeText(target)}: ${plural(files, "file")} copied, ${bytesText(bytes)} in ${durationText(seconds)}${there}; ${countText(shards)} shards`,
    ...(first === undefined
      ? []
      : [
          `left out: ${plural(leftOut.length, "shard")} that no manifest commits (${safeText(first)}${leftOut.length > 1 ? ", ..." : ""})`,
        ]),
    `look at it again:  ${shellCommand("shardmill", "verify", target)}`,
  ];
}
