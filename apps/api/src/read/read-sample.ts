import {
  type BuildRecord,
  Failure,
  type Manifest,
  parseExactJson,
  partLabel,
  tellingText,
} from "@shardmill/core";
import type { TokenTexts } from "@shardmill/pipeline";
import { type LocatedSample, layoutSeen, locatedFrames, type OpenShard } from "@shardmill/shards";
import type { Records } from "@shardmill/store";
import { z } from "zod";
import type { SampleDetail, SampleSummary, SamplesPage } from "../contract/index.ts";
import { ApiProblem } from "../secure/api-problem.ts";
import type { LookedInto, OpenShards } from "./open-shards.ts";
import { readTokens } from "./sample-tokens.ts";

const jsonSchema = z.record(z.string(), z.json());
type JsonFields = z.output<typeof jsonSchema>;

/** Of a text in a list of samples. */
const longestText = 300;

/** A committed shard of a dataset, while it is looked into. Its tar is null where it packed nothing. */
interface ShardAsked {
  readonly records: Records;
  readonly shards: OpenShards;
  readonly shard: string;
  readonly signal: AbortSignal;
}

/** Only a committed shard of the dataset is opened: its name leads to a manifest, never straight to a file. */
async function withShard<T>(
  { records, shards, shard }: ShardAsked,
  use: (tar: IndexedShard | null, manifest: Manifest) => Promise<T>,
): Promise<T> {
  const found = await records.readManifest(shard);
  if (found.kind !== "ok") throw ApiProblem.notFound(`${records.dataset} has no shard ${shard}`);
  if (found.value.tar === null) return use(null, found.value);
  const path = records.paths.tar(shard);
  if ((await records.store.stat(path)) === null)
    throw ApiProblem.notFound(`the tar of ${shard} is not there; retry --corrupt makes it again`);
  return shards.use(path, found.value.tar.sha256, (looked) => {
    const { samples } = looked.tar;
    if (samples === null)
      throw new Failure("record_invalid", `the index of ${shard} does not fit its tar`, { where: { shard } });
    return use({ ...looked, samples }, found.value);
  });
}

/** Pages and neighbours are found by the index: without it a look at one sample would read every header. */
interface IndexedShard extends LookedInto {
  readonly samples: number;
}

export function readSamplesPage(
  asked: ShardAsked,
  { page, pageSize }: { readonly page: number; readonly pageSize: number },
): Promise<SamplesPage> {
  const { shard, signal } = asked;
  return withShard(asked, async (indexed, manifest) => {
    const total = indexed?.samples ?? 0;
    const samples: SampleSummary[] = [];
    const first = (page - 1) * pageSize;
    for (let index = first; indexed !== null && index < Math.min(first + pageSize, total); index += 1) {
      const located = await sampleAt(asked, indexed, index);
      if (isWithdrawn(manifest, located.key)) continue;
      const json = await readJson(indexed.tar, located);
      samples.push({
        key: located.key,
        index,
        frames: locatedFrames(located.members, json).length,
        bytes: located.endOffset - located.offset,
        caption: tellingText(json)?.slice(0, longestText) ?? null,
      });
      signal.throwIfAborted();
    }
    return { shard, version: versionOf(manifest), page, pageSize, total, samples };
  });
}

export function readSample(
  asked: ShardAsked,
  { build, texts }: { readonly build: BuildRecord; readonly texts: TokenTexts },
  key: string,
): Promise<SampleDetail> {
  const { records, shard, signal } = asked;
  return withShard(asked, async (indexed, manifest) => {
    const { tar, samples: total, index, located } = await findSample({ ...asked, manifest }, indexed, key);
    const json = await readJson(tar, located);
    const neighbour = async (step: -1 | 1): Promise<string | null> => {
      for (let at = index + step; at >= 0 && at < total; at += step) {
        const beside = await tar.keyAt(at, signal);
        if (beside === null || !isWithdrawn(manifest, beside)) return beside;
      }
      return null;
    };
    const times = z.array(z.number()).safeParse(json.frame_times);
    return {
      key,
      shard,
      version: versionOf(manifest),
      part: partLabel(manifest),
      index,
      total,
      previous: await neighbour(-1),
      next: await neighbour(1),
      bytes: located.endOffset - located.offset,
      layout: layoutSeen(located.members, json),
      frames: locatedFrames(located.members, json).map(({ suffix, sizeBytes }, at) => ({
        name: `${key}.${suffix}`,
        bytes: sizeBytes,
        timeS: times.success ? (times.data[at] ?? null) : null,
      })),
      json,
      tokens: await readTokens({ records, build, manifest, key, json }, texts, signal),
      homepage: build.dataset.homepage ?? null,
    };
  });
}

/** Of the shard's bytes, and of nothing else. */
function versionOf({ tar }: Manifest): string {
  return tar?.sha256.slice(0, 16) ?? "none";
}

/** Whether a committed shard holds a sample of this key. */
export function hasSample(asked: ShardAsked, key: string): Promise<boolean> {
  return withShard(
    asked,
    async (indexed, manifest) =>
      !isWithdrawn(manifest, key) && ((await indexed?.indexOf(key, asked.signal)) ?? null) !== null,
  );
}

export function readFrame(asked: ShardAsked, key: string, number: number): Promise<Uint8Array> {
  return withShard(asked, async (indexed, manifest) => {
    const { tar, located } = await findSample({ ...asked, manifest }, indexed, key);
    const frame = locatedFrames(located.members, await readJson(tar, located))[number];
    if (frame === undefined) throw ApiProblem.notFound(`${key} has no frame ${number}`);
    return tar.read(frame);
  });
}

/** The tar holds it still, and nobody is shown it. */
function isWithdrawn({ withdrawn = [] }: Manifest, key: string): boolean {
  return withdrawn.some((sample) => sample.key === key);
}

async function findSample(
  asked: ShardAsked & { readonly manifest: Manifest },
  indexed: IndexedShard | null,
  key: string,
) {
  if (isWithdrawn(asked.manifest, key))
    throw ApiProblem.notFound(`the sample ${key} of ${asked.shard} is withdrawn`);
  const index = (await indexed?.indexOf(key, asked.signal)) ?? null;
  if (indexed === null || index === null) throw ApiProblem.notFound(`${asked.shard} has no sample ${key}`);
  return { ...indexed, index, located: await sampleAt(asked, indexed, index) };
}

async function sampleAt(
  { shard, signal }: ShardAsked,
  { tar }: IndexedShard,
  index: number,
): Promise<LocatedSample> {
  const located = await tar.at(index, signal);
  if (located !== null) return located;
  throw new Failure("record_invalid", `the tar of ${shard} does not fit its index`, { where: { shard } });
}

async function readJson(tar: OpenShard, { members }: LocatedSample): Promise<JsonFields> {
  const member = members.find(({ suffix }) => suffix === "json");
  if (member === undefined) return {};
  const { value } = parseExactJson(Buffer.from(await tar.read(member)).toString("utf8"));
  const parsed = jsonSchema.safeParse(JSON.parse(JSON.stringify(value, digitsAsText)));
  return parsed.success ? parsed.data : {};
}

/** A number that a reader of JSON would round is told as text. */
function digitsAsText(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
