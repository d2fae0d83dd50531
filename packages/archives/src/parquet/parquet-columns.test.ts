import type { StreamedMember } from "@shardmill/core";
import { beforeAll, describe, expect, it } from "vitest";
import { collect } from "../../testing/collect.ts";
import { MemorySource } from "../../testing/memory-source.ts";
import { noise } from "../../testing/noise.ts";
import { duckdbParquet } from "../../testing/parquet-writers.ts";
import { copyOf, fieldOf, itemsOf, type Struct, setNumber, withFooter } from "../../testing/thrift-footer.ts";
import { readParquetLayout } from "./read-parquet-layout.ts";
import { streamParquetRows } from "./stream-parquet-rows.ts";

const signal = new AbortController().signal;
const png = Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), noise(200)]);
const blob = `unhex('${png.toString("hex")}')`;

async function read(
  file: Buffer,
  columns: readonly string[] = ["images", "caption"],
): Promise<StreamedMember[]> {
  const source = new MemorySource(file);
  const layout = await readParquetLayout(source, signal, columns);
  const options = { firstRow: 0, lastRow: layout.rows - 1, columns, imagesField: "images", maxBytes: 1e9 };
  return collect(streamParquetRows(source, layout, options, signal));
}

/** Images by their lengths (null without bytes) and the fields of a row; or its code. */
function told(member: StreamedMember): unknown {
  if (member.kind === "rejected") return member.rejection.code;
  if (member.content.kind !== "images") throw new Error("expected images");
  return [member.content.images.map((image) => image?.length ?? null), member.content.record?.fields];
}

const rowsOf = (n: number): string =>
  `SELECT [{'bytes': ${blob}, 'path': NULL::VARCHAR}] AS images, 'caption ' || i AS caption FROM range(${n}) t(i)`;
const plain = [0, 1, 2].map((row) => [[png.length], { caption: `caption ${row}` }]);

let three: Buffer;
beforeAll(async () => {
  three = await duckdbParquet(rowsOf(3), "COMPRESSION snappy");
});

const groupsOf = (footer: Struct) => itemsOf(fieldOf(footer, 4));

describe("row groups", () => {
  it("without rows are passed over, before and behind others, whatever their figures say", async () => {
    const file = withFooter(three, (footer) => {
      const [group] = groupsOf(footer);
      if (group === undefined) throw new Error("no group");
      const empty = copyOf(group);
      setNumber(empty, 3, 0);
      for (const column of itemsOf(fieldOf(empty, 1)))
        for (const id of [5, 7, 9]) setNumber(fieldOf(column, 3), id, 0);
      groupsOf(footer).push(copyOf(empty));
      groupsOf(footer).unshift(empty);
    });
    const layout = await readParquetLayout(new MemorySource(file), signal);
    expect(layout.rowGroups.map(({ rows }) => rows)).toEqual([0, 3, 0]);
    expect((await read(file)).map(told)).toEqual(plain);
  });

  it("may be none, and a file may have no rows", async () => {
    const without = withFooter(three, (footer) => {
      groupsOf(footer).length = 0;
      setNumber(footer, 3, 0);
    });
    const empty = await duckdbParquet(rowsOf(0), "COMPRESSION snappy");
    for (const file of [without, empty]) {
      expect((await readParquetLayout(new MemorySource(file), signal)).rows).toBe(0);
      expect(await read(file)).toEqual([]);
    }
  });

  it("of nulls alone have pages without a value, in both versions and all encodings", async () => {
    const select = `SELECT CASE WHEN i < 3 THEN [{'bytes': ${blob}, 'path': NULL::VARCHAR}] END AS images,
      CASE WHEN i < 2 THEN 'a' END AS caption, CASE WHEN i < 0 THEN 1.5::FLOAT END AS score,
      CASE WHEN i < 0 THEN true END AS flag, CASE WHEN i < 0 THEN [i] END AS list,
      CASE WHEN i < 0 THEN {'deep': [{'deeper': i}]} END AS nested
      FROM range(5000) t(i)`;
    const columns = ["images", "caption", "score", "flag", "list", "nested"];
    const nothing = { score: null, flag: null, list: null, nested: null };
    for (const version of ["V1", "V2"])
      for (const codec of ["snappy", "zstd", "gzip", "uncompressed", "brotli", "lz4_raw"]) {
        const options = `COMPRESSION ${codec}, ROW_GROUP_SIZE 2048, PARQUET_VERSION ${version}`;
        const rows = (await read(await duckdbParquet(select, options), columns)).map(told);
        expect(rows).toHaveLength(5000);
        expect(rows[0]).toEqual([[png.length], { caption: "a", ...nothing }]);
        for (const row of [3, 2047, 2048, 4999])
          expect(rows[row], `${codec} ${version} ${row}`).toEqual([[], { caption: null, ...nothing }]);
      }
  });

  it("with a footer of many megabytes of metadata are read", async () => {
    const file = withFooter(three, (footer) => {
      const pair: Struct = {
        type: 12,
        fields: new Map([
          [1, { type: 8, value: Buffer.from("schema") }],
          [2, { type: 8, value: Buffer.alloc(3_000_000, 0x61) }],
        ]),
      };
      footer.fields.set(5, { type: 9, of: 12, items: [pair] });
    });
    expect((await read(file)).map(told)).toEqual(plain);
  });
});

describe("columns that nobody asked for", () => {
  it("are not fetched: a table of large ones costs what the wanted ones have", async () => {
    const select = `SELECT [{'bytes': ${blob}, 'path': NULL::VARCHAR}] AS images,
      encode(repeat(md5(i::VARCHAR), 300)) AS depth, 'caption ' || i AS caption, i::DOUBLE AS score,
      encode(repeat(md5((-i)::VARCHAR), 300)) AS mask FROM range(3000) t(i)`;
    const file = await duckdbParquet(select, "COMPRESSION uncompressed, ROW_GROUP_SIZE 2048");
    const source = new MemorySource(file);
    const columns = ["images", "caption"];
    const layout = await readParquetLayout(source, signal, columns);
    const footerBytes = source.bytesRead;
    const chunks = layout.footer.row_groups.flatMap((group) =>
      group.columns.map(({ meta_data }) => meta_data),
    );
    const bytesOf = (name: string): number =>
      chunks
        .filter((meta) => meta?.path_in_schema[0] === name)
        .reduce((sum, meta) => sum + Number(meta?.total_compressed_size), 0);
    source.bytesRead = 0;
    const options = { firstRow: 0, lastRow: 2999, columns, imagesField: "images", maxBytes: 1e9 };
    const rows = await collect(streamParquetRows(source, layout, options, signal));
    expect(told(rows[2999] as StreamedMember)).toEqual([[png.length], { caption: "caption 2999" }]);
    expect(bytesOf("depth")).toBeGreaterThan(1_000_000);
    expect(source.bytesRead).toBe(bytesOf("images") + bytesOf("caption"));
    expect(footerBytes).toBeLessThan(100_000);
  });

  it("may be of types, codecs and places that nobody here reads", async () => {
    const select = `SELECT [{'bytes': ${blob}, 'path': NULL::VARCHAR}] AS images, 'caption 0' AS caption,
      INTERVAL 3 DAY AS iv, MAP {'a': 1} AS m, TIME '01:02:03' AS tm, uuid() AS u, true AS "a.b"`;
    const file = await duckdbParquet(select, "COMPRESSION snappy");
    expect((await read(file)).map(told)).toEqual([[[png.length], { caption: "caption 0" }]]);

    const changed = (change: (column: Struct) => void): Buffer =>
      withFooter(file, (footer) => {
        const columns = groupsOf(footer).flatMap((group) => itemsOf(fieldOf(group, 1)));
        const column = columns[3];
        if (column?.type !== 12) throw new Error("no column");
        change(column);
      });
    const odd = [
      changed((column) => setNumber(fieldOf(column, 3), 4, 3)),
      changed((column) => setNumber(fieldOf(column, 3), 9, 2 ** 40)),
      changed((column) => column.fields.set(1, { type: 8, value: Buffer.from("other.parquet") })),
      changed((column) => {
        column.fields.delete(3);
        column.fields.set(8, { type: 12, fields: new Map() });
        column.fields.set(9, { type: 8, value: noise(40) });
      }),
    ];
    for (const changedFile of odd) {
      expect((await read(changedFile)).map(told)).toEqual([[[png.length], { caption: "caption 0" }]]);
      await expect(read(changedFile, ["images", "iv"])).rejects.toMatchObject({ code: "archive_malformed" });
    }
    const encrypted = odd[3] ?? Buffer.of();
    await expect(read(encrypted, ["images", "iv"])).rejects.toMatchObject({
      message: expect.stringContaining("column iv of group 0 is encrypted"),
    });
  });
});

describe("a row's pictures", () => {
  const base64 = png.toString("base64");
  it.each<[string, string, unknown]>([
    ["a struct", `{'bytes': ${blob}, 'path': 'x.png'}`, [png.length]],
    ["a struct of bytes alone", `{'bytes': ${blob}}`, [png.length]],
    ["a list of structs", `[{'bytes': ${blob}, 'path': 'a'}, {'bytes': ${blob}, 'path': 'b'}]`, [208, 208]],
    ["bytes", blob, [png.length]],
    ["a list of bytes", `[${blob}, ${blob}]`, [208, 208]],
    ["base64", `'${base64}'`, [png.length]],
    ["base64 in lines", `'${base64.replace(/.{76}/g, "$&\n")}'`, [png.length]],
    ["base64 for addresses", `'${png.toString("base64url")}'`, [png.length]],
    ["a data URL", `'data:image/png;base64,${base64}'`, [png.length]],
    ["a list of base64", `['${base64}', 'data:image/png;base64,${base64}']`, [208, 208]],
    ["base64 in bytes", `encode('${base64}')`, [png.length]],
    ["base64 in a struct", `{'bytes': '${base64}', 'path': NULL::VARCHAR}`, [png.length]],
    ["an image without bytes", "{'bytes': NULL::BLOB, 'path': 'x.png'}", [null]],
    ["a list with an image without bytes", `[{'bytes': ${blob}}, {'bytes': ''::BLOB}]`, [208, null]],
    ["null", "NULL::BLOB", []],
    ["an empty list", "[]::BLOB[]", []],
    ["a null list", "NULL::BLOB[]", []],
    ["a null struct", "NULL::STRUCT(bytes BLOB)", []],
    ["a path", "'images/000001.jpg'", "image_bytes_missing"],
    ["an address", "'https://example.org/a.jpg'", "image_bytes_missing"],
    ["another text", `'${noise(300).toString("base64")}'`, "image_bytes_missing"],
  ])("as %s", async (_, value, expected) => {
    const file = await duckdbParquet(`SELECT ${value} AS images, 'a' AS caption`, "COMPRESSION snappy");
    const [row] = (await read(file)).map(told);
    expect(row).toEqual(typeof expected === "string" ? expected : [expected, { caption: "a" }]);
  });
});

it("says what a file is that is no parquet", async () => {
  const files: [Buffer, string][] = [
    [Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), "Git LFS pointer"],
    [Buffer.from("<html><body>Not found</body></html>"), "an HTML page"],
    [Buffer.concat([Buffer.from("PARE"), noise(300), Buffer.from("PARE")]), "encrypted"],
    [three.subarray(0, 300), "its end is missing"],
    [Buffer.alloc(0), "an empty file"],
  ];
  for (const [bytes, looks] of files)
    await expect(readParquetLayout(new MemorySource(bytes), signal)).rejects.toMatchObject({
      code: "archive_malformed",
      message: expect.stringContaining(looks),
    });
});
