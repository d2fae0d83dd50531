import { type BuildRecord, type Manifest, parseExactJson, partLabel, tellingText } from "@shardmill/core";
import { isFrame } from "@shardmill/shards";
import type { Records } from "@shardmill/store";
import { z } from "zod";
import type { SampleDetail, SampleSummary, SamplesPage } from "../contract/index.ts";
import { ApiProblem } from "../secure/api-problem.ts";
import { type SampleEntry, TarReader } from "./tar-reader.ts";

const jsonSchema = z.record(z.string(), z.json());
type JsonFields = z.output<typeof jsonSchema>;

/** Of a text in a list of samples. */
const longestText = 300;

/** Only a committed shard of the dataset is opened: its name leads to a manifest, never straight to a file. */
async function openShard(
  records: Records,
  shard: string,
): Promise<{ tar: TarReader | null; manifest: Manifest }> {
  const found = await records.readManifest(shard);
  if (found.kind !== "ok") throw ApiProblem.notFound(`${records.dataset} has no shard ${shard}`);
  const { paths, store } = records;
  const tar = await TarReader.open(store, { tar: paths.tar(shard), index: paths.energonIndex(shard) }, shard);
  return { tar, manifest: found.value };
}

async function withShard<T>(
  records: Records,
  shard: string,
  use: (tar: TarReader | null, manifest: Manifest) => Promise<T>,
): Promise<T> {
  const { tar, manifest } = await openShard(records, shard);
  try {
    return await use(tar, manifest);
  } finally {
    await tar?.close();
  }
}

export function readSamplesPage(
  records: Records,
  shard: string,
  { page, pageSize }: { readonly page: number; readonly pageSize: number },
): Promise<SamplesPage> {
  return withShard(records, shard, async (tar) => {
    const total = tar?.samples ?? 0;
    const samples: SampleSummary[] = [];
    const first = (page - 1) * pageSize;
    for (let index = first; tar !== null && index < Math.min(first + pageSize, total); index += 1) {
      const entry = await tar.sampleAt(index);
      const json = await readJson(tar, entry);
      samples.push({
        key: entry.key,
        index,
        frames: framesOf(entry).length,
        bytes: entry.sizeBytes,
        caption: tellingText(json)?.slice(0, longestText) ?? null,
      });
    }
    return { shard, page, pageSize, total, samples };
  });
}

export function readSample(
  records: Records,
  build: BuildRecord,
  shard: string,
  key: string,
): Promise<SampleDetail> {
  return withShard(records, shard, async (tar, manifest) => {
    const index = (await tar?.find(key)) ?? null;
    if (tar === null || index === null) throw ApiProblem.notFound(`${shard} has no sample ${key}`);
    const entry = await tar.sampleAt(index);
    const json = await readJson(tar, entry);
    const times = z.array(z.number()).safeParse(json.frame_times);
    return {
      key,
      shard,
      part: partLabel(manifest),
      index,
      total: tar.samples,
      previous: index > 0 ? await tar.keyAt(index - 1) : null,
      next: index + 1 < tar.samples ? await tar.keyAt(index + 1) : null,
      bytes: entry.sizeBytes,
      frames: framesOf(entry).map(({ suffix, sizeBytes }, at) => ({
        name: `${key}.${suffix}`,
        bytes: sizeBytes,
        timeS: times.success ? (times.data[at] ?? null) : null,
      })),
      json,
      homepage: build.dataset.homepage ?? null,
    };
  });
}

export function readFrame(records: Records, shard: string, key: string, number: number): Promise<Uint8Array> {
  return withShard(records, shard, async (tar) => {
    const index = (await tar?.find(key)) ?? null;
    if (tar === null || index === null) throw ApiProblem.notFound(`${shard} has no sample ${key}`);
    const frame = framesOf(await tar.sampleAt(index))[number];
    if (frame === undefined) throw ApiProblem.notFound(`${key} has no frame ${number}`);
    return tar.bytes(frame);
  });
}

function framesOf(entry: SampleEntry) {
  return entry.members.filter(({ suffix }) => isFrame(suffix));
}

async function readJson(tar: TarReader, entry: SampleEntry): Promise<JsonFields> {
  const member = entry.members.find(({ suffix }) => suffix === "json");
  if (member === undefined) return {};
  const { value } = parseExactJson(Buffer.from(await tar.bytes(member)).toString("utf8"));
  const parsed = jsonSchema.safeParse(JSON.parse(JSON.stringify(value, digitsAsText)));
  return parsed.success ? parsed.data : {};
}

/** A number that a reader of JSON would round is told as text. */
function digitsAsText(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
