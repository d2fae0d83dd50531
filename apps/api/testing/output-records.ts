import {
  type BuildRecord,
  type Code,
  type Counts,
  type Dataset,
  hashOf,
  type Layout,
  type LedgerLine,
  type Manifest,
  outcomeOf,
  type PartPlan,
  type Recipe,
  type SampleJson,
  sampleJsonText,
  sampleKey,
  shardName,
} from "@shardmill/core";
import { layOut, type Sample } from "@shardmill/shards";
import type { localFileSystem } from "@shardmill/store";
import type { TokenizerFiles } from "@shardmill/text";
import { aBuildRecord, aListedPart, aManifest, aPlan } from "../../../packages/core/testing/records.ts";

/** A part of the output that is written for a test. */
export interface PartSpec {
  readonly part: number;
  readonly kind: "done" | "partial" | "missing" | "absent" | "failed" | "stale";
  readonly members?: number;
  /** Members per code, taken from the first ones of each shard. */
  readonly left?: Readonly<Partial<Record<Code, number>>>;
  /** Real tars with this many frames a sample; 0 writes tars that are only as long as they should be. */
  readonly frames?: number;
  /** Found while it was planned. */
  readonly remarks?: PartPlan["remarks"];
}

export interface OutputSpec {
  readonly root: string;
  /** Of a large output: one that waits for no disk. */
  readonly fs?: typeof localFileSystem;
  readonly dataset: Dataset;
  readonly parts: readonly PartSpec[];
  readonly samplesPerShard: number;
  /** How the pictures of its samples lie, where each is no file of its own. */
  readonly layout?: Layout;
  /** Bytes of a frame; any JPEG. */
  readonly frame?: (key: string, number: number) => Uint8Array;
  readonly caption?: (position: number) => string;
  readonly sourceFolder?: string;
  /** Laid over the dataset's recipe, as `--set` does. */
  readonly settings?: readonly string[];
  readonly tokenizer?: TokenizerFiles;
  /** What a sample's JSON has before the rest, by position. */
  readonly more?: (position: number) => Readonly<Record<string, SampleJson>>;
  /** What the ledger says of a packed member. */
  readonly detail?: (position: number) => string | null;
  /** Numbers of the parts that were ever asked for; without it all were. */
  readonly asked?: readonly number[];
}

export const toolchain = { shardmill: "0.1.0", decoder: "libav 8.1", sharp: "0.35.5", libvips: "8.18.0" };
const tinyJpeg = Buffer.from("ffd8ffe000104a46494600010100000100010000ffd9", "hex");
/** When the build that is made up began. */
export const startedAt = Date.parse("2026-11-20T06:00:00Z");

export function buildOf(spec: OutputSpec, recipe: Recipe, hash: string): BuildRecord {
  const { dataset } = spec;
  return aBuildRecord({
    build: `${dataset.name}-${hash.slice(0, 8)}`,
    dataset,
    source: {
      kind: spec.sourceFolder === undefined ? "hub" : "folder",
      name: spec.sourceFolder === undefined ? "hub:nkp37/OpenVid-1M" : "folder:mirror",
      revision: spec.sourceFolder === undefined ? "8ac3f9a4d1b24c6d9e1f0a7b3c5d7e9f1a2b3c4d" : null,
      location: spec.sourceFolder ?? "https://huggingface.co",
    },
    recipe,
    recipeHash: hash,
    annotationFiles: [],
    toolchain,
    createdAt: new Date(startedAt).toISOString(),
    parts: spec.parts.map(({ part, kind, members = 0 }) =>
      aListedPart({
        part,
        pieces:
          kind === "absent"
            ? []
            : [
                {
                  path: `OpenVid_part${part}.zip`,
                  sizeBytes: 8_000_000 * Math.max(members, 1),
                  sha256: hashOf(part),
                  oid: null,
                },
              ],
        absent:
          kind === "absent"
            ? { code: "part_absent", reason: "the listing has no file for this number" }
            : null,
      }),
    ),
    selected: spec.parts.map(({ part }) => ({ subset: null, part })),
    asked: {
      everything: spec.asked === undefined,
      parts: (spec.asked ?? []).map((part) => ({ subset: null, part })),
    },
  });
}

export function planOf(spec: OutputSpec, build: BuildRecord, part: PartSpec, members: number): PartPlan {
  const pieces = build.parts.find((one) => one.part === part.part)?.pieces ?? [];
  const count = Math.ceil(members / spec.samplesPerShard);
  return aPlan({
    dataset: spec.dataset.name,
    part: part.part,
    pieces,
    contentId: hashOf(["content", part.part]),
    annotationsId: hashOf("annotations"),
    recipeHash: part.kind === "stale" ? hashOf("another recipe") : build.recipeHash,
    members,
    annotationsUsed: members,
    remarks: part.remarks ?? [],
    ranges: Array.from({ length: count }, (_, range) => {
      const first = range * spec.samplesPerShard;
      const last = Math.min(members, first + spec.samplesPerShard) - 1;
      const shard = shardName(spec.dataset.name, { subset: null, part: part.part }, range);
      return {
        range,
        shard,
        first,
        last,
        members: last - first + 1,
        startByte: first * 8_000_000,
        endByte: (last + 1) * 8_000_000,
        digest: null,
      };
    }),
  });
}

const details: Partial<Record<Code, string>> = {
  decode_error: "the decoder refused packet 112 of 431: invalid NAL unit size",
  decode_truncated: "expected 14 frames, decoded 9",
  decode_timeout: "no answer within 120 s on 5 attempts",
  bad_crc: "expected crc32 9ae0daaf, found 1bd04411",
  no_annotation: "no row of OpenVid-1M.csv names this file",
  not_media: "a text file by name and content",
  zero_frames: "decoding ended after 0 of 1 packets",
  no_video_stream: "the file holds one stream, of type audio",
};

export function lineOf(
  dataset: Dataset,
  plan: PartPlan,
  position: number,
  code: Code | null,
  frames: number,
): LedgerLine {
  const id = { subset: plan.subset, part: plan.part };
  return {
    position,
    member: `celebv_${hashOf([plan.part, position]).slice(0, 10)}_${position % 7}.mp4`,
    outcome: code === null ? "packed" : outcomeOf(code),
    key: code === null ? sampleKey({ keyPrefix: dataset.keyPrefix, part: id, position }) : null,
    code,
    detail: code === null ? null : (details[code] ?? "found nothing that could be used"),
    attempt: code === "decode_timeout" ? 5 : 1,
    frames: code === null ? Math.max(frames, 8) : null,
  };
}

export function sampleOf(spec: OutputSpec, plan: PartPlan, line: LedgerLine, frames: number): Sample {
  const key = line.key ?? "";
  const json = sampleJsonText({
    ...spec.more?.(line.position),
    caption: spec.caption?.(line.position) ?? `clip ${line.position} of part ${plan.part}`,
    frame_count: frames,
    source: "openvid",
    video_id: line.member.replace(/\.mp4$/, ""),
    frame_times: Array.from({ length: frames }, (_, at) => Number((at + 0.48).toFixed(3))),
    duration: frames + 0.5,
    width: 1280,
    height: 720,
    fps: 25,
    codec: "h264",
    part: plan.part,
    member: line.member,
    license: "CC-BY-4.0",
  });
  const members = Array.from({ length: frames }, (_, at) => ({
    suffix: `${String(at).padStart(3, "0")}.jpg`,
    bytes: spec.frame?.(key, at) ?? tinyJpeg,
  }));
  const sample = { key, members: [...members, { suffix: "json", bytes: Buffer.from(json) }] };
  return spec.layout === undefined ? sample : layOut(sample, spec.layout);
}

export function manifestOf(
  build: BuildRecord,
  plan: PartPlan,
  range: PartPlan["ranges"][number],
  counts: Counts,
  packed: readonly LedgerLine[],
  made: { readonly frames: number; readonly tar: Manifest["tar"] },
): Manifest {
  const seconds = 38 + ((plan.part * 7 + range.range * 13) % 29);
  const began = startedAt + plan.part * 600_000 + range.range * 52_000;
  return aManifest({
    shard: range.shard,
    dataset: plan.dataset,
    subset: plan.subset,
    part: plan.part,
    range: range.range,
    first: range.first,
    last: range.last,
    contentId: plan.contentId,
    annotationsId: plan.annotationsId,
    recipeHash: plan.recipeHash,
    tar: made.tar,
    samples: counts.packed,
    frames: made.frames,
    firstKey: packed[0]?.key ?? null,
    lastKey: packed.at(-1)?.key ?? null,
    counts,
    annotationsUsed: range.members,
    toolchain: build.toolchain,
    made: {
      source: build.source.name,
      revision: build.source.revision,
      worker: `mill-${1 + (range.range % 2)}/mill`,
      committedAt: new Date(began + seconds * 1_000).toISOString(),
      seconds,
      bytesRead: range.endByte - range.startByte,
      retriedClips: range.range % 3 === 0 ? 1 : 0,
    },
  });
}
