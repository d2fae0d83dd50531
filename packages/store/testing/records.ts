import {
  type BuildRecord,
  buildRecordSchema,
  defaultRecipe,
  type Manifest,
  noCounts,
  type PartPlan,
} from "@shardmill/core";

const hash = "a".repeat(64);
const toolchain = { shardmill: "0", decoder: "0", sharp: "0", libvips: "0" };

export function manifestNamed(shard: string, part: number, range: number): Manifest {
  return {
    version: 1,
    shard,
    dataset: "toy",
    subset: null,
    part,
    range,
    supplement: null,
    first: 0,
    last: 999,
    contentId: hash,
    annotationsId: hash,
    recipeHash: hash,
    tar: { bytes: 10_240, sha256: hash, md5: "b".repeat(32) },
    samples: 990,
    frames: 9_000,
    firstKey: "a",
    lastKey: "b",
    counts: {
      members: 1000,
      packed: 990,
      failed: 10,
      skipped: 0,
      byCode: { decode_error: 4, zero_frames: 6 },
    },
    supersedes: null,
    annotationsUsed: 990,
    remarks: [],
    toolchain,
    made: {
      source: "hub:nkp37/OpenVid-1M",
      revision: "f".repeat(40),
      worker: "host-1",
      committedAt: "2025-01-01T00:00:00.000Z",
      seconds: 12.5,
      bytesRead: 123_456_789,
      retriedClips: 0,
    },
  };
}

export function planOf(part: number): PartPlan {
  const range = { first: 0, last: 1, members: 2, startByte: 0, endByte: 9 };
  return {
    version: 1,
    dataset: "toy",
    subset: null,
    part,
    archive: "zip",
    pieces: [],
    contentId: hash,
    annotationsId: hash,
    recipeHash: hash,
    open: false,
    members: 4,
    leftOut: noCounts,
    annotationsUsed: null,
    remarks: [],
    ranges: [0, 1].map((number) => ({ ...range, range: number, shard: `toy-p0000-000${number}` })),
  };
}

export function buildRecord(): BuildRecord {
  return buildRecordSchema.parse({
    version: 1,
    build: "b1",
    dataset: {
      name: "toy",
      title: "Toy",
      keyPrefix: "toy",
      sourceName: "toy",
      license: "CC-BY-4.0",
      bibtex: "@misc{toy}",
      source: { kind: "folder" },
      parts: [{ archive: "zip", path: "toy{part}.zip" }],
      media: "video",
      annotations: { kind: "none" },
      text: { adapter: "caption" },
    },
    source: { kind: "folder", name: "folder:toy", revision: null, location: "/mirror" },
    recipe: defaultRecipe,
    recipeHash: hash,
    annotationFiles: [],
    toolchain,
    createdAt: "2025-01-01T00:00:00.000Z",
    parts: [{ subset: null, part: 0, archive: "zip", pieces: [], absent: null }],
    selected: [{ subset: null, part: 0 }],
    remarks: [],
  });
}
