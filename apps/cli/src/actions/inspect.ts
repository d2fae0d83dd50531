import { statSync } from "node:fs";
import { exactJsonText, Failure, parseExactJson, tellingText } from "@shardmill/core";
import {
  framesOf,
  layoutSeen,
  locatedFrames,
  openShard,
  readSample,
  type Sample,
  shardListing,
  writeContactSheet,
} from "@shardmill/shards";
import { isBucketAddress } from "@shardmill/store/bucket-address";
import type { MarkedRun } from "@shardmill/text";
import type { CommandContext } from "../context/command-context.ts";
import { checkResultFile } from "../output/result-file.ts";
import { sampleGroup } from "../output/sample-group.ts";
import { readTokens, type ToldTokens } from "../output/token-lines.ts";
import { safeText } from "../text/clean-text.ts";
import { cutTo, padTo, widthOf } from "../text/columns.ts";
import { bytesText, countText, tableText } from "../text/format.ts";

export interface InspectOptions {
  readonly sheet?: string;
  readonly json?: true;
}

const sheetSamples = 60;
/** Whoever asks for one sample wants to read it. */
const longestLine = 20_000;

export async function inspect(
  context: CommandContext,
  shard: string,
  key: string | null,
  options: InspectOptions,
): Promise<void> {
  const there = isBucketAddress(shard) ? null : statSync(shard, { throwIfNoEntry: false });
  if (there === undefined) throw new Failure("wrong_use", `there is no shard ${shard}`);
  if (there?.isDirectory() === true)
    throw new Failure("wrong_use", `${shard} is a folder; name one of the shards (.tar) in it`);
  if (options.sheet !== undefined) checkResultFile(options.sheet);
  if (key === null) {
    await listSamples(context, shard, options);
    if (options.sheet !== undefined) await sheetOfShard(context, shard, options.sheet);
  } else {
    const sample = await readSample(shard, key, context.signal);
    if (sample === null) throw new Failure("wrong_use", await noSuchKey(context, shard, key));
    showSample(context, sample, await sampleGroup(context, shard, key), options);
    if (options.json !== true) await showTokens(context, shard, metadataOf(sample));
    if (options.sheet !== undefined) await sheetOfSample(context, sample, options.sheet);
  }
}

async function noSuchKey({ signal }: CommandContext, shard: string, key: string): Promise<string> {
  const { nearestName } = await import("@shardmill/catalogue");
  const keys: string[] = [];
  for await (const sample of shardListing(shard, {}, signal)) keys.push(sample.key);
  const nearest = nearestName(key, keys);
  const range = keys.length === 0 ? "it is empty" : `it has ${keys[0]} to ${keys.at(-1)}`;
  return `${shard} has no sample ${safeText(key)}; ${nearest === null ? range : `did you mean ${nearest}?`}`;
}

async function listSamples(
  { console, signal }: CommandContext,
  shard: string,
  options: InspectOptions,
): Promise<void> {
  if (options.json === true) {
    const samples = [];
    for await (const sample of shardListing(shard, {}, signal)) samples.push(sample);
    return console.json({ shard, samples });
  }
  const rows: string[][] = [];
  let bytes = 0;
  let frames = 0;
  let layout = "frames";
  for await (const sample of shardListing(shard, {}, signal)) {
    bytes += sample.sizeBytes;
    frames += sample.frames;
    layout = sample.layout;
    rows.push([
      sample.key,
      String(sample.frames),
      secondsOf(sample.metadata?.duration),
      bytesText(sample.sizeBytes),
      oneLine(tellingText(sample.metadata ?? {}) ?? ""),
    ]);
  }
  const lines = tableText(["sample", "frames", "length", "size", "text"], rows, [
    "left",
    "right",
    "right",
    "right",
    "left",
  ]);
  for (const [index, line] of lines.entries()) {
    const cut = cutTo(line, console.columns);
    console.out(index === 0 ? console.paint("bold", cut) : cut);
  }
  console.out(
    `${countText(rows.length)} samples, ${countText(frames)} frames${laidOut(layout)}, ${bytesText(bytes)}`,
  );
}

function showSample(
  { console }: CommandContext,
  sample: Sample,
  group: string | null,
  options: InspectOptions,
): void {
  const metadata = metadataOf(sample);
  if (options.json === true) {
    const members = sample.members.map(({ suffix, bytes }) => ({ suffix, sizeBytes: bytes.length }));
    console.json({ key: sample.key, group, members, metadata });
    return;
  }
  console.out(console.paint("bold", sample.key));
  const width = Math.max(0, ...Object.keys(metadata).map((name) => widthOf(safeText(name)))) + 2;
  for (const [name, value] of Object.entries(metadata)) {
    const text = typeof value === "string" ? value : exactJsonText(value);
    console.out(
      `  ${console.paint("cyan", padTo(safeText(name), width, "left"))}${text
        .split("\n")
        .map((line) => safeText(line, longestLine))
        .join(`\n${" ".repeat(width + 2)}`)}`,
    );
  }
  const frames = framesOf(sample, metadata).length;
  const bytes = sample.members.reduce((sum, member) => sum + member.bytes.length, 0);
  const layout = laidOut(layoutSeen(sample.members, metadata));
  console.out(`  ${sample.members.length} members (${frames} frames${layout}), ${bytesText(bytes)}`);
  if (group !== null) console.out(`  group ${safeText(group)}`);
}

/** A file for each picture is what nobody has to be told. */
function laidOut(layout: string): string {
  return layout === "frames" ? "" : `, layout ${layout}`;
}

/**
 * The tokens as text, those that the loss is taken on set off from the others: bold, and between brackets. Where the text cannot
 * be told, why; their ids stand among the sample's keys.
 */
async function showTokens(
  { console, signal }: CommandContext,
  shard: string,
  metadata: Readonly<Record<string, unknown>>,
): Promise<void> {
  for (const told of await readTokens(shard, metadata, signal)) showSide(console, told);
}

function showSide(console: CommandContext["console"], { side, tokens, loss, said }: ToldTokens): void {
  const of = side === "" ? "" : `${side}: `;
  const counts = `  ${of}${countText(tokens)} tokens, the loss on ${countText(loss)}`;
  if (said.kind === "unknown") {
    console.out(`${counts}; what they say cannot be told: ${safeText(said.why)}`);
    return;
  }
  console.out(`${counts}, which are between [[ and ]]:`);
  const text = joined(said.runs).map(({ text, isLoss }) => {
    const lines = text.split("\n").map((line) => safeText(line, longestLine));
    return isLoss ? `[[${lines.map((line) => console.paint("bold", line)).join("\n")}]]` : lines.join("\n");
  });
  for (const line of text.join("").split("\n")) console.out(`    ${line}`);
}

/** Control tokens are runs of their own, which brackets do not tell apart. */
function joined(runs: readonly MarkedRun[]): { readonly text: string; readonly isLoss: boolean }[] {
  const all: { text: string; isLoss: boolean }[] = [];
  for (const { text, isLoss } of runs) {
    const last = all.at(-1);
    if (last?.isLoss === isLoss) last.text += text;
    else all.push({ text, isLoss });
  }
  return all;
}

async function sheetOfSample({ console }: CommandContext, sample: Sample, out: string): Promise<void> {
  const metadata = metadataOf(sample);
  const times = Array.isArray(metadata.frame_times) ? metadata.frame_times : [];
  const frames = framesOf(sample, metadata).map(({ jpeg }, index) => ({
    jpeg,
    label: secondsOf(times[index]) || `frame ${index}`,
  }));
  const { width, height } = await writeContactSheet(
    { title: sample.key, caption: tellingText(metadata), frames },
    out,
  );
  console.note(`${out}: ${frames.length} frames, ${width}x${height}`);
}

/** One frame of each of the first samples: its middle one. */
async function sheetOfShard(
  { console, signal }: Pick<CommandContext, "console" | "signal">,
  shard: string,
  out: string,
): Promise<void> {
  await using open = await openShard(shard);
  const frames: { jpeg: Uint8Array; label: string }[] = [];
  for await (const { key, members } of open.list(signal)) {
    if (frames.length === sheetSamples) break;
    const json = members.find(({ suffix }) => suffix === "json");
    const told = json === undefined ? [] : [{ suffix: "json", bytes: await open.read(json) }];
    const own = locatedFrames(members, metadataOf({ members: told }));
    const middle = own[Math.floor(own.length / 2)];
    if (middle !== undefined) frames.push({ jpeg: await open.read(middle), label: key });
  }
  const title = shard.slice(shard.lastIndexOf("/") + 1);
  const { width, height } = await writeContactSheet({ title, caption: null, frames }, out);
  console.note(`${out}: one frame of each of ${frames.length} samples, ${width}x${height}`);
}

function metadataOf({ members }: Pick<Sample, "members">): Record<string, unknown> {
  const json = members.find(({ suffix }) => suffix === "json");
  if (json === undefined) return {};
  try {
    const { value } = parseExactJson(Buffer.from(json.bytes).toString("utf8"));
    return typeof value === "object" && value !== null ? { ...value } : { json: value };
  } catch {
    return { json: "not readable as JSON" };
  }
}

function oneLine(text: string): string {
  return safeText(text.replace(/\s+/g, " ").trim());
}

function secondsOf(value: unknown): string {
  return typeof value === "number" ? `${value.toFixed(1)} s` : "";
}
