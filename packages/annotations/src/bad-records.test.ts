import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { captionsOf, failureOf, indexWorkshop, type TestFile } from "../testing/index-workshop.ts";

const shop = indexWorkshop();
const chunkSizes = [1, 3, 100_000];

async function remarksAndCaptions(file: TestFile, names: string[], rule = {}) {
  const index = await shop.indexOf({ match: ["stem"], ...rule }, file);
  return { remarks: index.remarks, captions: await captionsOf(index, names), count: index.count };
}

describe("one bad record among good ones", () => {
  it.each([
    ["a short row", "x", "line 3: expected 2 columns, found 1"],
    ["a long row", "x,y,z", "line 3: expected 2 columns, found 3"],
    ["text behind a closing quote", '"x" y,z', "line 3: something follows a closing quote"],
  ])("of a CSV is counted with its place: %s", async (_, row, place) => {
    for (const chunkBytes of chunkSizes) {
      const text = `video,caption\na,one\n${row}\nb,"two\nlines"\nc,three\n`;
      const found = await remarksAndCaptions({ text, chunkBytes }, ["a", "b", "c"]);
      expect(found).toEqual({
        remarks: [{ code: "annotation_invalid", detail: `x.csv: ${place}`, count: 1 }],
        captions: [["one"], ["two\nlines"], ["three"]],
        count: 3,
      });
      shop.closeAll();
    }
  });

  it.each([
    ["in the middle", 'video,caption\na,one\nx,"oops\nb,two\nc,"three"\nd,"fo\nur"\ne,five'],
    [
      "before a quoted first column",
      'video,caption\na,one\nx,"oops\n"b","two"\nc,three\nd,"fo\nur"\r\ne,five\n',
    ],
    ["near the end", 'video,caption\na,one\nb,two\nc,three\nd,"fo\nur"\ne,five\nx,"oops'],
  ])("of a CSV takes no neighbour along when its quote is never closed: %s", async (_, text) => {
    for (const chunkBytes of chunkSizes) {
      const found = await remarksAndCaptions({ text, chunkBytes }, ["a", "b", "c", "d", "e", "x"]);
      expect(found.captions).toEqual([["one"], ["two"], ["three"], ["fo\nur"], ["five"], []]);
      expect(found.remarks).toEqual([
        { code: "annotation_invalid", detail: expect.stringMatching(/^x\.csv: line \d: /), count: 1 },
      ]);
      shop.closeAll();
    }
  });

  it.each([
    ["jsonl", ["{", "NaN", "[1]", '"text"', '{"video":"x","caption":"y"', "null"]],
    ["json", ["NaN", "[1]", '"text"', '{"video":}', "7"]],
  ] as const)("of %s is counted with its place", async (format, bad) => {
    for (const record of bad) {
      const records = ['{"video":"a","caption":"one"}', record, '{"video":"b","caption":"two"}'];
      const text = format === "json" ? `[${records.join(",\n")}]` : records.join("\n");
      const found = await remarksAndCaptions({ text, format, path: `x.${format}` }, ["a", "b"]);
      expect(found.captions).toEqual([["one"], ["two"]]);
      const place = format === "json" ? "record 2" : "line 2";
      expect(found.remarks).toEqual([
        {
          code: "annotation_invalid",
          detail: `x.${format}: ${place}: this is no JSON object: ${record}`,
          count: 1,
        },
      ]);
      shop.closeAll();
    }
  });

  it("is one whose key is neither a text nor a number, or a last line that breaks off", async () => {
    const lines = [
      '{"video":["a"],"caption":1}',
      '{"video":true}',
      '{"video":{}}',
      '{"video":"b","caption":"two"}',
    ];
    const found = await remarksAndCaptions(
      { text: `${lines.join("\n")}\n{"video":"c","cap`, format: "jsonl" },
      ["a", "b", "c"],
    );
    expect(found.captions).toEqual([[], ["two"], []]);
    expect(found.remarks[0]?.count).toBe(4);
    expect(found.remarks[0]?.detail).toMatch(
      /line 1: its video is a list, .*; line 2: its video is true or false, .*; line 3: its video is an object, .*; line 5: /,
    );
  });

  const table = (bad: number, good: number): string =>
    `video,caption\n${"x\n".repeat(bad)}${Array.from({ length: good }, (_, n) => `v${n},c\n`).join("")}`;

  it.each([
    [10, 5, {}, null],
    [11, 5, {}, /11 of 16 records cannot be read, and annotations.maxBadRecords allows 10; line 2: expected/],
    [20, 1980, {}, null],
    [21, 1979, {}, /21 of 2000 records .* allows 20/],
    [1, 100, { maxBadRecords: 0 }, /allows 0/],
    [50, 5, { maxBadRecords: 50 }, null],
    [3, 0, { maxBadRecords: 50 }, /no record can be read; line 2/],
    [5000, 5, {}, /cannot be read/],
  ] as const)(
    "is borne as often as the catalogue says: %i bad and %i good",
    async (bad, good, rule, message) => {
      const file = { text: table(bad, good), chunkBytes: 1 << 16 };
      if (message === null) expect((await shop.indexOf(rule, file)).remarks[0]?.count).toBe(bad);
      else expect((await failureOf(shop.indexOf(rule, file))).message).toMatch(message);
    },
  );

  it("is as many as its lines when a quote swallows more than can be read again", async () => {
    const text = `video,caption\na,one\nx,"oops\n${"b,two\n".repeat(400_000)}`;
    const failure = await failureOf(shop.indexOf({}, { text, chunkBytes: 1 << 20 }));
    expect(failure.message).toMatch(
      /400001 of 400002 .* lines 3 to 400003: a quote is opened and never closed/,
    );
  });
});

describe("a file that is wrong as a whole is named", () => {
  const csv = "video,caption\na,b\n";
  const records = '{"video":"a","caption":"b"}';
  const utf16 = (text: string, bom: string): Buffer => Buffer.from(bom + text, "utf16le");
  it.each<[string, TestFile["format"], string | Uint8Array, RegExp]>([
    [
      "CR alone",
      "csv",
      csv.replaceAll("\n", "\r"),
      /expected CSV, found rows that end in CR alone \(old Mac\)/,
    ],
    ["CR alone", "jsonl", `${records}\r${records}\r`, /rows that end in CR alone/],
    [
      "JSON lines",
      "json",
      `${records}\n${records}\n`,
      /expected one JSON array of records, found JSON lines: format jsonl/,
    ],
    ["an array", "jsonl", `[${records}]`, /expected JSON lines, found a JSON array: format json/],
    ["an array over lines", "jsonl", `[\n  ${records}\n]`, /found a JSON array: format json/],
    ["an object", "json", '{"data":[{"video":"a"}]}', /found one JSON object that begins with the key data/],
    ["an object", "jsonl", '{\n  "data": []\n}', /found JSON objects that go over several lines/],
    ["JSON", "csv", `[${records}]`, /expected CSV, found a JSON array/],
    ["JSON lines", "csv", `${records}\n${records}`, /expected CSV, found JSON lines/],
    ["a CSV", "json", csv, /found text that begins with video,caption a,b/],
    ["UTF-16 with BOM", "csv", utf16(csv, "\ufeff"), /found UTF-16 text: convert it to UTF-8/],
    ["UTF-16 without", "csv", utf16(csv, ""), /found UTF-16 text/],
    ["UTF-16 big-endian", "jsonl", utf16(records, "\ufeff").swap16(), /found UTF-16 text/],
    [
      "an LFS pointer",
      "csv",
      "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
      /Git LFS pointer/,
    ],
    ["a page", "json", "<!DOCTYPE html><html></html>", /found an HTML page/],
    ["gzip", "csv", gzipSync(csv), /found gzip data/],
    ["zstd", "jsonl", Buffer.from("28b52ffd04000000", "hex"), /found zstd data/],
    ["a zip", "csv", Buffer.from("504b030414000000", "hex"), /found a zip archive/],
    ["a parquet file", "csv", "PAR1\0\0\0\0PAR1", /found a parquet file/],
    ["nothing", "json", " \n", /found an empty file/],
    ["bars", "csv", "video|caption\na|b\n", /found video\|caption; video is lacking/],
    ["gzip", "parquet", gzipSync(csv), /this is gzip data, not parquet/],
    ["a page", "parquet", "<html>not found</html>", /this is an HTML page, not parquet/],
  ])("%s as %s", async (_, format, text, message) => {
    const failure = await failureOf(shop.indexOf({}, { text, ...(format && { format }) }));
    expect(failure.code).toBe("annotations_invalid");
    expect(failure.message).toMatch(message);
    expect(failure.message).not.toMatch(/\n/);
  });

  it("but a BOM of UTF-8, a bare CR in a caption and a first record that is bad are none of these", async () => {
    const found = await remarksAndCaptions({ text: '\ufeffvideo,caption\r\na,"x\ry"\r\nb,2\r\n' }, [
      "a",
      "b",
    ]);
    expect(found.captions).toEqual([["x\ry"], ["2"]]);
    const lines = `[1]\n${'{"video":"a","caption":"one"}'}`;
    expect((await remarksAndCaptions({ text: lines, format: "jsonl" }, ["a"])).captions).toEqual([["one"]]);
  });
});

describe("columns that samples are made of", () => {
  const reads = {
    text: ["caption"],
    optional: ["start"],
    fields: { score: "float", name: "string" },
    all: ["caption", "start", "score", "name"],
  } as const;
  const json = (records: unknown[]): TestFile => ({
    text: JSON.stringify(records),
    format: "json",
    path: "x.json",
  });

  it("are an error where no record has one, whatever the format", async () => {
    const message = /no record has caption, which the catalogue reads; found video, text/;
    for (const file of [{ text: "video,text\na,b\n" }, json([{ video: "a" }, { video: "b", text: "c" }])])
      expect((await failureOf(shop.indexReading(reads, {}, file))).message).toMatch(message);
  });

  it("may be in any record of any file; one of fields, or an optional one, that is in none is a remark", async () => {
    const files = [
      json([{ video: "a" }, { video: "b", caption: "c" }]),
      { text: "video,score\na,1\n", path: "s.csv" },
    ];
    const index = await shop.indexReading(reads, {}, ...files);
    const told = (lacking: RegExp) => ({
      code: "column_absent",
      detail: expect.stringMatching(lacking),
      count: 1,
    });
    expect(index.remarks).toEqual([
      told(/x\.json, s\.csv: no record has start, which the catalogue reads where it is there; /),
      told(/x\.json, s\.csv: no record has name, which fields reads; /),
    ]);
  });

  it("are not asked of files without any record", async () => {
    expect((await shop.indexReading(reads, {}, json([]))).remarks).toEqual([]);
  });
});
