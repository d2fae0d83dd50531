import type { BuildRecord, Manifest, PartPlan } from "@shardmill/core";
import {
  aBuildRecord,
  aDataset,
  aListedPart,
  aManifest,
  aPlan,
  aRange,
  toyHash,
} from "../../core/testing/records.ts";

export function manifestNamed(shard: string, part: number, range: number): Manifest {
  return aManifest({
    shard,
    part,
    range,
    last: 999,
    tar: { bytes: 10_240, sha256: toyHash, md5: "b".repeat(32) },
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
    annotationsUsed: 990,
    made: {
      source: "hub:nkp37/OpenVid-1M",
      revision: "f".repeat(40),
      worker: "host-1",
      committedAt: "2025-01-01T00:00:00.000Z",
      seconds: 12.5,
      bytesRead: 123_456_789,
      retriedClips: 0,
    },
  });
}

export function planOf(part: number): PartPlan {
  return aPlan({ part, members: 4, ranges: [0, 1].map((range) => aRange({ range })) });
}

export function buildRecord(): BuildRecord {
  return aBuildRecord({
    dataset: aDataset({ bibtex: "@misc{toy}" }),
    parts: [aListedPart()],
    selected: [{ subset: null, part: 0 }],
  });
}
