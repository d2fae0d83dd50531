import { Failure, type StreamedMember } from "@shardmill/core";
import { beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "../../../core/testing/seeded.ts";
import { collect } from "../../testing/collect.ts";
import { MemorySource } from "../../testing/memory-source.ts";
import {
  cauldronImage,
  cauldronRows,
  duckdbParquet,
  type RewriteOptions,
  rewriteParquet,
} from "../../testing/parquet-writers.ts";
import { readParquetLayout } from "./read-parquet-layout.ts";
import { type ParquetStreamOptions, streamParquetRows } from "./stream-parquet-rows.ts";

const signal = new AbortController().signal;
const rows = 450;
const repeats = 20;

async function read(
  source: MemorySource,
  options: Partial<ParquetStreamOptions> = {},
): Promise<StreamedMember[]> {
  const layout = await readParquetLayout(source, signal);
  const all = { firstRow: 0, lastRow: layout.rows - 1, imagesField: "images", maxBytes: 1e9, ...options };
  return collect(streamParquetRows(source, layout, all, signal));
}

function contentOf(member: StreamedMember | undefined) {
  if (member?.kind !== "member" || member.content.kind !== "images") throw new Error("expected images");
  return member.content;
}

/** Every byte and field of a row, as the query that made it says. */
function expectRow(member: StreamedMember | undefined, row: number, times = repeats): void {
  const { images, record } = contentOf(member);
  expect(member?.position).toBe(row);
  expect(images).toHaveLength(row % 4);
  for (const [k, image] of images.entries()) {
    if (row % 7 === 3 && k === 0) expect(image).toBeNull();
    else expect(image !== null && Buffer.compare(image, cauldronImage(row, k, times)) === 0).toBe(true);
  }
  expect(record).toEqual({
    set: "row",
    fields: {
      texts: Array.from({ length: 1 + (row % 3) }, (_, k) => ({
        user: `question ${row}.${k}`,
        assistant: `ja, größer als ${k}`,
        source: "AI2D",
      })),
      number: row,
      moment: "2024-01-02T03:04:05.000Z",
      note: row % 3 === 0 ? null : `note ${row % 5}`,
    },
  });
}

let base: Buffer;
beforeAll(async () => {
  base = await duckdbParquet(cauldronRows(rows, repeats), "COMPRESSION zstd, ROW_GROUP_SIZE 2048");
});

describe("streamParquetRows", () => {
  it.each(["snappy", "zstd", "gzip", "uncompressed", "brotli", "lz4_raw"])(
    "reads what DuckDB writes with %s: every byte and field",
    async (codec) => {
      const file = await duckdbParquet(
        cauldronRows(rows, repeats),
        `COMPRESSION ${codec}, ROW_GROUP_SIZE 2048`,
      );
      const source = new MemorySource(file);
      const layout = await readParquetLayout(source, signal);
      expect(layout.rowGroups.map((group) => group.rows)).toEqual([450]);
      expect(layout.columns).toEqual(["images", "texts", "number", "moment", "note"]);
      for (const [row, member] of (await read(source)).entries()) expectRow(member, row);
    },
  );

  it.each<[string, RewriteOptions]>([
    ["snappy", { compression: "SNAPPY" }],
    ["zstd and several row groups", { compression: "ZSTD", rowsPerGroup: 150 }],
    ["gzip and small pages", { compression: "GZIP", rowsPerPage: 37 }],
    [
      "no compression, no dictionary, small pages",
      { compression: "UNCOMPRESSED", rowsPerPage: 10, dictionary: false },
    ],
    ["brotli and pages of version 2", { compression: "BROTLI", isVersion2: true, rowsPerPage: 100 }],
    [
      "lz4 and pages of version 2 without dictionary",
      { compression: "LZ4_RAW", isVersion2: true, dictionary: false, rowsPerPage: 50 },
    ],
  ])("reads what parquet-wasm writes with %s: every byte and field", async (_, options) => {
    const members = await read(new MemorySource(rewriteParquet(base, options)));
    expect(members).toHaveLength(rows);
    for (const [row, member] of members.entries()) expectRow(member, row);
  });

  it("reads a run of rows for the footer and their row groups, each fetched once", async () => {
    const file = rewriteParquet(base, { compression: "UNCOMPRESSED", rowsPerGroup: 100, dictionary: false });
    const source = new MemorySource(file);
    const layout = await readParquetLayout(source, signal);
    expect(source.requests).toHaveLength(1);
    source.requests.length = 0;
    source.bytesRead = 0;
    let told = 0;
    const options = {
      firstRow: 200,
      lastRow: 399,
      imagesField: "images",
      maxBytes: 1e9,
      onBytes: (n: number) => (told += n),
    };
    const members = await collect(streamParquetRows(source, layout, options, signal));
    expect(members.map((member) => member.position)).toEqual(
      Array.from({ length: 200 }, (_, index) => 200 + index),
    );
    const spans = layout.rowGroups.slice(2, 4);
    expect(source.requests).toHaveLength(2);
    expect(source.bytesRead).toBeLessThanOrEqual(
      spans.reduce((sum, group) => sum + group.endByte - group.startByte, 0),
    );
    expect(told).toBe(source.bytesRead);
  });

  it.each([
    [0, 0],
    [1, 3],
    [149, 150],
    [211, 422],
    [449, 449],
  ])("reads rows %i to %i, whatever pages they lie in", async (firstRow, lastRow) => {
    for (const options of [
      { compression: "SNAPPY", rowsPerGroup: 150, rowsPerPage: 23 },
      { compression: "SNAPPY", rowsPerGroup: 150, rowsPerPage: 23, isVersion2: true },
    ] as const) {
      const members = await read(new MemorySource(rewriteParquet(base, options)), { firstRow, lastRow });
      expect(members).toHaveLength(lastRow - firstRow + 1);
      for (const [index, member] of members.entries()) expectRow(member, firstRow + index);
    }
  });

  it("reads chosen columns only, and the images' column in any case", async () => {
    const source = new MemorySource(rewriteParquet(base, { compression: "UNCOMPRESSED", dictionary: false }));
    const [, , , fourth] = await read(source, { columns: ["note"] });
    expect(contentOf(fourth).record).toEqual({ set: "row", fields: { note: null } });
    expect(contentOf(fourth).images).toHaveLength(3);
    source.bytesRead = 0;
    await read(source, { columns: ["number"], imagesField: null });
    expect(source.bytesRead).toBeLessThan(75_000);
  });

  it("takes a single struct and plain bytes for images too", async () => {
    const select =
      "SELECT {'bytes': 'abc'::BLOB, 'path': 'x.png'} AS image, 'def'::BLOB AS raw, NULL::BLOB AS gone";
    const source = new MemorySource(await duckdbParquet(select, "COMPRESSION snappy"));
    for (const [imagesField, text] of [
      ["image", "abc"],
      ["raw", "def"],
    ] as const) {
      const [member] = await read(source, { imagesField });
      expect(contentOf(member).images.map((image) => Buffer.from(image ?? []).toString())).toEqual([text]);
    }
    expect(contentOf((await read(source, { imagesField: "gone" }))[0]).images).toEqual([]);
  });

  it("reads a row group's images that are one page of many megabytes, whole or from the middle", async () => {
    const times = 40_000;
    const source = new MemorySource(await duckdbParquet(cauldronRows(40, times), "COMPRESSION snappy"));
    for (const firstRow of [0, 23]) {
      const members = await read(source, { firstRow });
      expect(members).toHaveLength(40 - firstRow);
      for (const [index, member] of members.entries()) expectRow(member, firstRow + index, times);
    }
  });

  it("throws nothing but a Failure where such a page is damaged", async () => {
    const file = await duckdbParquet(cauldronRows(20, 80_000), "COMPRESSION snappy");
    const random = seededRandom(5);
    for (let round = 0; round < 12; round++) {
      const mutant = Buffer.from(file);
      for (let flips = 0; flips < 4; flips++) mutant[random() % (mutant.length - 5000)] = random() & 0xff;
      const result = await read(new MemorySource(mutant)).catch((error: unknown) => error);
      if (result instanceof Error && !(result instanceof Failure)) throw result;
    }
  });

  it("leaves out a row above maxBytes and goes on", async () => {
    const members = await read(new MemorySource(base), { maxBytes: 700, lastRow: 3 });
    expect(members.map((member) => (member.kind === "member" ? "member" : member.rejection.code))).toEqual(
      ["member", "member", "member", "bomb_suspected"].map((kind, row) =>
        row === 3 && 2 * 16 * repeats <= 700 ? "member" : kind,
      ),
    );
  });

  it("fails as archive_malformed when the row count lies, when there is no such column, and when it is no parquet", async () => {
    const source = new MemorySource(base);
    const layout = await readParquetLayout(source, signal);
    const lie = {
      ...layout.footer,
      row_groups: layout.footer.row_groups.map((group) => ({ ...group, num_rows: 455n })),
    };
    const groups = layout.rowGroups.map((group, index) => ({ ...group, rows: 455, firstRow: 455 * index }));
    const options = { firstRow: 0, lastRow: 2499, imagesField: "images", maxBytes: 1e9 };
    const reading = collect(
      streamParquetRows(source, { ...layout, footer: lie, rowGroups: groups }, options, signal),
    );
    await expect(reading).rejects.toMatchObject({ name: "Failure", code: "archive_malformed" });
    const fewer = layout.rowGroups.map((group, index) => ({ ...group, rows: 400, firstRow: 400 * index }));
    const short = collect(streamParquetRows(source, { ...layout, rowGroups: fewer }, options, signal));
    await expect(short).rejects.toMatchObject({ code: "archive_malformed" });
    await expect(read(source, { imagesField: "pictures" })).rejects.toMatchObject({
      code: "archive_malformed",
    });
    for (const bytes of [Buffer.alloc(0), Buffer.from("PAR1"), base.subarray(0, 5000)])
      await expect(readParquetLayout(new MemorySource(bytes), signal)).rejects.toMatchObject({
        code: "archive_malformed",
      });
  });

  it("throws nothing but a Failure, whatever bytes are flipped", async () => {
    const small = await duckdbParquet(cauldronRows(60, 1), "COMPRESSION snappy, ROW_GROUP_SIZE 2048");
    const files = [
      small,
      rewriteParquet(small, { compression: "ZSTD", rowsPerPage: 7 }),
      rewriteParquet(small, { compression: "GZIP", isVersion2: true }),
    ];
    const random = seededRandom(3);
    for (const file of files)
      for (let round = 0; round < 80; round++) {
        const mutant = Buffer.from(file);
        for (let flips = random() % 3; flips >= 0; flips--)
          mutant[random() % mutant.length] = random() & 0xff;
        const result = await read(new MemorySource(mutant)).catch((error: unknown) => error);
        if (result instanceof Error && !(result instanceof Failure)) throw result;
      }
  });
});
