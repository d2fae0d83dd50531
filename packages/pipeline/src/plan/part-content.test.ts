import type { FileIdentity } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { contentIdOf } from "./part-content.ts";

const file = (path: string, sha256 = "a".repeat(64)): FileIdentity => ({
  path,
  sizeBytes: 9,
  sha256,
  oid: null,
});

function idOf(archive: "parquet" | "zip" | "tar", piece: FileIdentity): Promise<string> {
  // The listing tells all: nothing is read.
  const view = {
    source: {},
    records: {},
    build: {
      source: { kind: "hub" },
      dataset: { sourceName: "x/{subset}", parts: [{ archive, path: "{subset}/train-{part}.parquet" }] },
    },
  };
  return contentIdOf(view as never, { archive, pieces: [piece] }, new AbortController().signal);
}

describe("the content of a part whose files the listing tells", () => {
  it("is that of its bytes", async () => {
    for (const archive of ["parquet", "zip", "tar"] as const) {
      expect(await idOf(archive, file("a/train-1.parquet"))).toBe(
        await idOf(archive, file("a/train-1.parquet")),
      );
      expect(await idOf(archive, file("a/train-1.parquet"))).not.toBe(
        await idOf(archive, file("a/train-1.parquet", "b".repeat(64))),
      );
    }
  });

  it("is also what rows are called, where that is written into samples", async () => {
    expect(await idOf("parquet", file("a/train-1.parquet"))).not.toBe(
      await idOf("parquet", file("a/train-01.parquet")),
    );
    expect(await idOf("parquet", file("a/train-1.parquet"))).toBe(
      await idOf("parquet", file("b/train-1.parquet")),
    );
    expect(await idOf("zip", file("a.zip"))).toBe(await idOf("zip", file("b.zip")));
  });
});
