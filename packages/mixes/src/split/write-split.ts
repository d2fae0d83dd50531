import {
  addTokens,
  type BuildRecord,
  countLines,
  Failure,
  hashOf,
  type LedgerLine,
  type Manifest,
  naturalOrder,
  type PartPlan,
  recordVersion,
  shardName,
  type TokenCounts,
} from "@shardmill/core";
import { sealBuild } from "@shardmill/pipeline";
import { framesOf, openShardWriter, readSamples, type Sample, tokensOfSample } from "@shardmill/shards";
import { openRecords, type Records, recordPaths, type Store, splitSource } from "@shardmill/store";
import type { SplitPlan } from "./plan-split.ts";
import { splitDataset } from "./split-dataset.ts";
import { type SplitSample, writeSplit } from "./split-record.ts";

const samplesPerShard = 1000;

/** A shard of the split: samples of one output, in the order of their keys. */
interface SplitShard {
  readonly subset: string;
  readonly range: number;
  readonly shard: string;
  readonly first: number;
  readonly samples: readonly SplitSample[];
}

/**
 * Packs what a split has chosen into an output of its own: each sample as it lies in its shard, but for `eval_source` in its JSON. What
 * mixes leave out is written first, so that they honour it whatever happens then; shards that stand already are not made again.
 */
export async function writeSplitOutput(
  store: Store,
  plan: SplitPlan,
  signal: AbortSignal,
): Promise<{ readonly shards: number; readonly samples: number }> {
  const records = openRecords(store, plan.entry.name);
  const { toolchain, made } = await madeWith(store, plan);
  await writeSplit(store, plan.record);
  const shards = shardsOf(plan);
  const build = buildOf(plan, { toolchain, tokenizer: await keptTokenizer(records, plan) });
  await records.writeBuild(build);
  for (const { facts } of plan.outputs) {
    const own = shards.filter(({ subset }) => subset === facts.name);
    const partPlan = partPlanOf(plan, facts.name, own);
    await records.writePlan(partPlan, []);
    for (const shard of own) await writeShard(store, { records, partPlan, shard, toolchain, made }, signal);
    await records.writePartEnd({
      version: recordVersion,
      ...{ subset: facts.name, part: 0, state: "done", code: null, detail: null },
      ...{ endedAt: made.committedAt, build: build.build },
    });
  }
  await sealBuild({ records, build });
  return { shards: shards.length, samples: shards.reduce((sum, { samples }) => sum + samples.length, 0) };
}

/** Of another plan: its records and tars go, so that nothing of them is taken for this one's. */
export async function removeSplitOutput(store: Store, name: string): Promise<void> {
  const records = openRecords(store, name);
  for (const { shard } of await records.listManifests()) await records.removeShard(shard);
  for (const part of await records.listPlans()) {
    await records.removePlan(part);
    await records.removePartEnd(part);
  }
}

function shardsOf({ entry, record, outputs }: SplitPlan): SplitShard[] {
  return outputs.flatMap(({ facts }) => {
    const chosen = record.samples
      .filter(({ output, isChosen }) => isChosen && output === facts.name)
      .toSorted((a, b) => naturalOrder(a.key, b.key));
    return Array.from({ length: Math.ceil(chosen.length / samplesPerShard) }, (_, range) => ({
      subset: facts.name,
      range,
      shard: shardName(entry.name, { subset: facts.name, part: 0 }, range),
      first: range * samplesPerShard,
      samples: chosen.slice(range * samplesPerShard, (range + 1) * samplesPerShard),
    }));
  });
}

/** What the shards that the samples are taken of were made with: nothing is made anew. */
async function madeWith(
  store: Store,
  { record, outputs }: SplitPlan,
): Promise<{ readonly toolchain: Manifest["toolchain"]; readonly made: Manifest["made"] }> {
  const [first] = record.samples;
  const [output] = outputs;
  if (first === undefined || output === undefined)
    throw new Failure("wrong_use", `${record.name} has chosen nothing`);
  const found = await openRecords(store, first.output).readManifest(first.shard);
  if (found.kind !== "ok") throw new Failure("source_changed", `the manifest of ${first.shard} is gone`);
  const { toolchain, made } = found.value;
  return {
    toolchain,
    made: { ...made, source: `${splitSource}${record.name}`, revision: null, seconds: 0, bytesRead: 0 },
  };
}

function recipeHashOf({ record }: SplitPlan): string {
  return hashOf({ split: record.identity });
}

/**
 * Of the outputs with tokens, with its files beside the records, so that their tokens can be read. Where they have several, none: a build's
 * record names one.
 */
async function keptTokenizer(
  { store, paths }: Records,
  { outputs }: SplitPlan,
): Promise<BuildRecord["tokenizer"]> {
  const [first, ...others] = tokenizersOf(outputs);
  const [name] = first?.outputs ?? [];
  if (first === undefined || name === undefined || others.length > 0) return null;
  const files = await store.read(recordPaths(name).tokenizer(first.tokenizer.files));
  if (files === null) return null;
  await store.putNew(paths.tokenizer(first.tokenizer.files), files);
  return first.tokenizer;
}

/** Those that the tokens of a split's samples are of, each with its outputs. */
export function tokenizersOf(outputs: SplitPlan["outputs"]): SplitTokenizer[] {
  const found = new Map<string, { tokenizer: SplitTokenizer["tokenizer"]; outputs: string[] }>();
  for (const { facts } of outputs) {
    if (facts.tokenizer === null) continue;
    const own = found.get(facts.tokenizer.files) ?? { tokenizer: facts.tokenizer, outputs: [] };
    found.set(facts.tokenizer.files, own);
    own.outputs.push(facts.name);
  }
  return [...found.values()];
}

interface SplitTokenizer {
  readonly tokenizer: NonNullable<BuildRecord["tokenizer"]>;
  readonly outputs: readonly string[];
}

function buildOf(
  plan: SplitPlan,
  { toolchain, tokenizer }: Pick<BuildRecord, "toolchain" | "tokenizer">,
): BuildRecord {
  const { entry, outputs, record } = plan;
  const shown = outputs.find(({ facts }) => facts.media === "video") ?? outputs[0];
  if (shown === undefined) throw new Failure("wrong_use", `${entry.name} has chosen nothing`);
  const parts = outputs.map(({ facts }) => ({ subset: facts.name, part: 0 }));
  return {
    version: recordVersion,
    build: `split-${record.identity.slice(0, 12)}`,
    dataset: splitDataset(plan),
    source: {
      kind: "output",
      name: `${splitSource}${entry.name}`,
      revision: null,
      location: shown.facts.name,
    },
    entry: null,
    recipe: shown.facts.recipe,
    recipeName: shown.facts.recipeName,
    recipeHash: recipeHashOf(plan),
    tokenizer,
    annotationFiles: [],
    toolchain,
    createdAt: new Date(0).toISOString(),
    parts: parts.map((part) => ({
      ...part,
      ...{ archive: "shards" as const, pieces: [], absent: null, revision: null, now: null },
    })),
    selected: parts,
    asked: { everything: true, parts },
    remarks: [],
  };
}

function partPlanOf(plan: SplitPlan, subset: string, shards: readonly SplitShard[]): PartPlan {
  return {
    version: recordVersion,
    dataset: plan.entry.name,
    ...{ subset, part: 0, archive: "shards", pieces: [] },
    contentId: hashOf({ split: plan.record.identity, subset }),
    annotationsId: hashOf({ split: plan.record.identity }),
    recipeHash: recipeHashOf(plan),
    open: false,
    members: shards.reduce((sum, { samples }) => sum + samples.length, 0),
    leftOut: countLines([]),
    annotationsUsed: null,
    ranges: shards.map(({ range, shard, first, samples }) => ({
      ...{ range, shard, first, last: first + samples.length - 1, members: samples.length },
      ...{ startByte: 0, endByte: 0, digest: digestOf(samples) },
    })),
    ...{ remarks: [], revision: null, annotationFiles: [] },
  };
}

function digestOf(samples: readonly SplitSample[]): string {
  return hashOf(samples.map(({ output, shard, key }) => ({ output, shard, key })));
}

interface Making {
  readonly records: Records;
  readonly partPlan: PartPlan;
  readonly shard: SplitShard;
  readonly toolchain: Manifest["toolchain"];
  readonly made: Manifest["made"];
}

async function writeShard(store: Store, making: Making, signal: AbortSignal): Promise<void> {
  const { records, partPlan, shard } = making;
  const writer = await openShardWriter(store, partPlan.dataset, shard.shard, { records });
  try {
    const lines: LedgerLine[] = [];
    let tokens: TokenCounts | undefined;
    let durationMs: number | undefined;
    for (const [at, chosen] of shard.samples.entries()) {
      signal.throwIfAborted();
      const { sample, json } = withSource(await readChosen(store, chosen, signal), chosen);
      await writer.add(sample);
      const counted = tokensOfSample(json);
      tokens = addTokens(tokens, counted === null ? undefined : { ...counted, cut: 0 });
      if (typeof json.duration === "number")
        durationMs = (durationMs ?? 0) + Math.round(json.duration * 1000);
      lines.push(lineOf(chosen, shard.first + at, framesOf(sample, json).length));
    }
    const finished = await writer.finish(signal);
    const { tar, samples, frames, firstKey, lastKey } = finished;
    const manifest: Manifest = {
      version: recordVersion,
      ...{ shard: shard.shard, dataset: partPlan.dataset, subset: shard.subset, part: 0, range: shard.range },
      ...{ supplement: null, first: shard.first, last: shard.first + shard.samples.length - 1 },
      contentId: partPlan.contentId,
      annotationsId: partPlan.annotationsId,
      recipeHash: partPlan.recipeHash,
      rangeDigest: digestOf(shard.samples),
      ...{ tar, samples, frames, firstKey, lastKey, counts: countLines(lines), supersedes: null },
      annotationsUsed: 0,
      ...(tokens && { tokens }),
      ...(durationMs !== undefined && { durationMs }),
      ...{ remarks: [], toolchain: making.toolchain, made: making.made },
    };
    const end = await writer.publish(manifest, lines, signal);
    if (end.kind === "already" && end.committed.tar?.sha256 !== tar?.sha256)
      throw new Failure("output_conflict", `${shard.shard} stands with other bytes than the split has now`, {
        where: { shard: shard.shard },
      });
  } finally {
    await writer.discard();
  }
}

async function readChosen(
  store: Store,
  { output, shard, key }: SplitSample,
  signal: AbortSignal,
): Promise<Sample> {
  const place = { store, path: `${output}/${shard}.tar` };
  for await (const sample of readSamples(place, { keys: [key] }, signal)) return sample;
  throw new Failure("shard_invalid", `${shard} has no sample ${key}, which its ledger names`, {
    where: { shard },
  });
}

/** The sample with where it was taken from; every other byte stays. */
function withSource(
  { key, members }: Sample,
  { output, shard }: SplitSample,
): { readonly sample: Sample; readonly json: Readonly<Record<string, unknown>> } {
  const own = members.find(({ suffix }) => suffix === "json");
  const text = own === undefined ? "" : Buffer.from(own.bytes).toString("utf8");
  const end = text.lastIndexOf("}");
  const told = `${text.slice(0, end)},"eval_source":${JSON.stringify(output)}}`;
  try {
    const json: unknown = JSON.parse(told);
    if (end < 0 || typeof json !== "object" || json === null) throw new SyntaxError("no object");
    const bytes = Buffer.from(told, "utf8");
    return {
      sample: { key, members: members.map((one) => (one === own ? { suffix: "json", bytes } : one)) },
      json: { ...json },
    };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Failure("shard_invalid", `the sample ${key} has no JSON`, { where: { shard } });
  }
}

function lineOf({ key, group }: SplitSample, position: number, frames: number): LedgerLine {
  return {
    position,
    member: key,
    ...{ outcome: "packed", key, code: null, detail: null, attempt: 1, frames, group },
  };
}
