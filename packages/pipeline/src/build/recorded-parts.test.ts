import type { PartListing } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { aBuildRecord, aListedPart, aManifest } from "../../../core/testing/records.ts";
import { recordedParts, vanishedRemarks } from "./recorded-parts.ts";

const file = { path: "toy0.zip", sizeBytes: 9, sha256: null, oid: "o1" };
const present = (part: number): PartListing => ({
  subset: null,
  part,
  label: `p000${part}`,
  archive: "zip",
  kind: "present",
  pieces: [file],
  sizeBytes: 9,
});
const absent: PartListing = {
  subset: null,
  part: 1,
  label: "p0001",
  archive: "zip",
  kind: "absent",
  code: "pieces_incomplete",
  reason: "no piece ab",
};
const shard = (part: number, range: number) =>
  aManifest({ part, range, shard: `toy-p000${part}-000${range}` });
const roots = aListedPart({ part: 9000, archive: "roots" });

describe("the parts of a build's record", () => {
  it("are those of the listing, with their files or the reason why not", () => {
    expect(recordedParts({ parts: [present(0), absent] }, null, [])).toEqual([
      aListedPart({ pieces: [file] }),
      aListedPart({ part: 1, absent: { code: "pieces_incomplete", reason: "no piece ab" } }),
    ]);
  });

  it("keep those that the source has no more as long as shards of them stand, and say so", () => {
    const before = aBuildRecord({
      parts: [0, 1, 2, 3].map((part) => aListedPart({ part, pieces: [file] })),
    });
    const manifests = [shard(1, 0), shard(2, 0), shard(2, 1)];
    const parts = recordedParts({ parts: [present(0), absent] }, before, manifests);
    expect(parts.map(({ part, pieces, absent: why }) => [part, pieces.length, why?.reason ?? null])).toEqual([
      [0, 1, null],
      [1, 0, "no piece ab; a shard made of it before is kept"],
      [2, 0, "no longer at the source; 2 shards made of it before are kept"],
    ]);
  });

  it("keep what the user's roots filled, with shards or without", () => {
    const before = aBuildRecord({ parts: [roots] });
    expect(recordedParts({ parts: [present(0)] }, before, [])).toEqual([
      aListedPart({ pieces: [file] }),
      roots,
    ]);
  });
});

describe("a remark tells of shards", () => {
  it("whose part the source has no more, and of no other", () => {
    const before = aBuildRecord({ parts: [aListedPart({ part: 2 }), roots] });
    const manifests = [shard(0, 0), shard(1, 0), shard(2, 0), shard(2, 1), { ...shard(0, 0), part: 9000 }];
    expect(vanishedRemarks({ parts: [present(0), absent] }, before, manifests)).toEqual([
      "p0001: no longer at the source; a shard made of it before is kept",
      "p0002: no longer at the source; 2 shards made of it before are kept",
    ]);
  });
});
