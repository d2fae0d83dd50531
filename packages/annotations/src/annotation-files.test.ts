import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, it } from "vitest";
import { captionsOf, failureOf, indexWorkshop, signal, type TestFile } from "../testing/index-workshop.ts";

const shop = indexWorkshop();

describe("a caption table", () => {
  it("keeps commas, quotes, line breaks, header names with spaces and names that begin with -", async () => {
    const index = await shop.indexOf(
      {},
      {
        text: 'video,caption,aesthetic score\n--a_1.mp4,"One, ""two""\nthree",5.0\n-b.mp4,plain 5" tall,\n=c.mp4,"",0x10\n',
      },
    );
    expect(index.count).toBe(3);
    const answers = await index.lookup(
      ["deep/folder/--a_1.mp4", "-b.mp4", "nope.mp4", "=c.mp4"].map((name) => ({ subset: null, name })),
      signal,
    );
    expect(answers).toEqual([
      [
        {
          set: "records",
          fields: { video: "--a_1.mp4", caption: 'One, "two"\nthree', "aesthetic score": "5.0" },
        },
      ],
      [{ set: "records", fields: { video: "-b.mp4", caption: 'plain 5" tall', "aesthetic score": null } }],
      [],
      [{ set: "records", fields: { video: "=c.mp4", caption: null, "aesthetic score": "0x10" } }],
    ]);
  });

  it("reads a BOM and both kinds of row ends, mixed, and leaves those inside captions as they are", async () => {
    const text = '\ufeffvideo,caption\r\na,"x\r\ny"\nb,"x\ny"\r\n"c",last';
    for (const chunkBytes of [1, 2, 3, 1000]) {
      const index = await shop.indexOf(
        { required: ["caption"] },
        { text: text + " ".repeat(chunkBytes), chunkBytes },
      );
      expect(await captionsOf(index, ["a", "b", "c"])).toEqual([
        ["x\r\ny"],
        ["x\ny"],
        [`last${" ".repeat(chunkBytes)}`],
      ]);
    }
  });

  it.each(["\t", ";"])("goes by what its header is separated with: %j", async (by) => {
    const rows = [
      ["\ufeffvideo", '"caption"'],
      ["a", `"one, two${by} ""three"""`],
      ["b", "x, y"],
      ["c", "z\n"],
    ];
    const text = rows.map((row) => row.join(by)).join("\r\n");
    for (const chunkBytes of [1, 2, 3, 1000]) {
      const index = await shop.indexOf({ required: ["caption"] }, { text, chunkBytes });
      expect(await captionsOf(index, ["a", "b", "c"])).toEqual([[`one, two${by} "three"`], ["x, y"], ["z"]]);
    }
  });

  it("of a header with a comma takes tabs and semicolons for letters", async () => {
    const index = await shop.indexOf({}, { text: 'video,"caption;\tx",caption\na,1,b;\t"c"\n' });
    expect(await captionsOf(index, ["a"])).toEqual([['b;\t"c"']]);
  });

  it("takes the lines of a caption that look like rows for text, in files of many megabytes too", async () => {
    const inner = Array.from({ length: 40 }, (_, line) => `a${line},b`).join("\n");
    const rows = Array.from({ length: 30_000 }, (_, row) => `v${row}.mp4,"${inner}"`);
    const index = await shop.indexOf(
      {},
      { text: `video,caption\n${rows.join("\n")}\n`, chunkBytes: 1 << 20 },
    );
    expect(index.count).toBe(30_000);
    expect(index.duplicates).toBe(0);
    expect(await captionsOf(index, ["v0.mp4", "v29999.mp4", "a7"])).toEqual([[inner], [inner], []]);
  });

  it("reads a caption of 50 MB", async () => {
    const long = "long, ".repeat(8_400_000);
    const text = `video,caption\na.mp4,"${long}"\nb.mp4,short\n`;
    const index = await shop.indexOf({}, { text, chunkBytes: 1 << 20 });
    const [[caption], short] = (await captionsOf(index, ["a.mp4", "b.mp4"])) as [[string], unknown];
    expect(caption.length).toBe(long.length);
    expect(short).toEqual(["short"]);
  });

  it("takes the first of two captions for one name and counts the other", async () => {
    const index = await shop.indexOf(
      {},
      { text: "video,caption\na,first\na,second\nb,only\n,nameless\n,nameless\n" },
    );
    expect([index.count, index.duplicates]).toEqual([5, 1]);
    expect(await captionsOf(index, ["a", "b", ""])).toEqual([["first"], ["only"], []]);
  });

  it("is refused with the columns it has when it lacks one", async () => {
    const failure = await failureOf(shop.indexOf({ required: ["caption"] }, { text: "id,text\na,b\n" }));
    expect(failure.code).toBe("annotations_invalid");
    expect(failure.message).toBe(
      "x.csv: expected columns video, caption; found id, text; video, caption is lacking",
    );
    expect(await readdir(shop.dir)).toEqual([]);
  });

  it.each([
    ["a column named twice", "video,caption,caption\na,b,c\n", /names the column caption twice/],
    [
      "text behind a closing quote",
      'video,caption\na,"b" c\n',
      /no record can be read; line 2: something follows/,
    ],
    ["no rows and no header", "", /expected CSV, found an empty file/],
  ])("is refused, naming the place, for %s", async (_, text, message) => {
    const failure = await failureOf(shop.indexOf({}, { text }));
    expect(failure.code).toBe("annotations_invalid");
    expect(failure.message).toMatch(message);
    expect(await readdir(shop.dir)).toEqual([]);
  });
});

describe("lists of records", () => {
  const records = [
    { video: "s/a.mp4", n: 1, c: [{ from: "human", value: 'a ] } " \\' }] },
    { n: 2, video: "s/b.mp4" },
    { video: "s/a.mp4", n: 3 },
    { video: 7, n: 4 },
  ];
  it.each([
    ["json", JSON.stringify(records)],
    ["json", ` \n${JSON.stringify(records, null, 2)}\n`],
    ["json", `\ufeff${JSON.stringify(records)}`],
    ["jsonl", records.map((record) => JSON.stringify(record)).join("\n")],
    ["jsonl", `\ufeff${records.map((record) => JSON.stringify(record)).join("\r\n\n")}\n`],
  ] as const)("are read from %s in chunks of any size", async (format, text) => {
    for (const chunkBytes of [1, 4096]) {
      const index = await shop.indexOf({ duplicates: "all", match: ["exact"] }, { text, format, chunkBytes });
      expect([index.count, index.duplicates]).toEqual([4, 0]);
      expect(await captionsOf(index, ["s/a.mp4", "s/b.mp4", "7"])).toEqual([[1, 3], [2], [4]]);
      const [answer] = await index.lookup([{ subset: null, name: "s/a.mp4" }], signal);
      expect(answer?.[0]).toEqual({ set: "records", fields: records[0] });
    }
  });

  it.each([
    ["an object instead of an array", '{"video":"a"}', /expected one JSON array/],
    ["an array that breaks off", '[{"video":"a"},{"video":', /breaks off after 1 elements/],
    ["something behind the array", '[{"video":"a"}] x', /something follows/],
    [
      "a first record without the key",
      '[{"image":"a"}]',
      /no record has the field video; the first one has image/,
    ],
  ])("are refused for %s", async (_, text, message) => {
    const failure = await failureOf(shop.indexOf({}, { text, format: "json", path: "x.json" }));
    expect(failure.code).toBe("annotations_invalid");
    expect(failure.message).toMatch(message);
  });

  it("may hold an element of 20 MB", async () => {
    const long = "x".repeat(20_000_000);
    const text = JSON.stringify([
      { video: "a", n: long },
      { video: "b", n: 2 },
    ]);
    const index = await shop.indexOf({}, { text, format: "json", chunkBytes: 1 << 20 });
    const [[first], second] = (await captionsOf(index, ["a", "b"])) as [[string], unknown];
    expect(first.length).toBe(long.length);
    expect(second).toEqual([2]);
  });

  it("of several files come in the order of the files, each with the name of its set", async () => {
    const index = await shop.indexOf(
      { duplicates: "all" },
      { text: '[{"video":"a","n":1}]', format: "json", set: "caption" },
      { text: '{"video":"x/a","n":0}\n{"video":"a","n":2}', format: "jsonl", set: "oe" },
      { text: "video,n\na,3\n", format: "csv", set: "mc" },
    );
    const all: unknown[] = [];
    for await (const { media, record } of index.records(signal))
      all.push([media, record.set, record.fields.n]);
    expect(all).toEqual([
      ["a", "caption", 1],
      ["x/a", "oe", 0],
      ["a", "oe", 2],
      ["a", "mc", "3"],
    ]);
  });
});

describe("a parquet table", () => {
  it("gives its rows as records, numbers and lists as what they are", async () => {
    const path = join(shop.dir, "t.parquet");
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    await connection.run(
      `COPY (SELECT 'a/' || i || '.mp4' AS video, i AS n, [i, i + 1] AS list, {'x': 1.5} AS s, NULL AS none
         FROM range(3000) t(i)) TO '${path}' (ROW_GROUP_SIZE 2048)`,
    );
    connection.closeSync();
    instance.closeSync();
    const bytes = await readFile(path);
    await rm(path);
    const file: TestFile = { text: bytes, format: "parquet", path: "t.parquet", chunkBytes: 1 << 16 };
    const index = await shop.indexOf({ required: ["n"] }, file);
    expect(index.count).toBe(3000);
    const [answer] = await index.lookup([{ subset: null, name: "2999.mp4" }], signal);
    expect(answer).toEqual([
      {
        set: "records",
        fields: { video: "a/2999.mp4", n: 2999, list: [2999, 3000], s: { x: 1.5 }, none: null },
      },
    ]);
    const failure = await failureOf(shop.indexOf({ required: ["text"] }, file));
    expect(failure.message).toMatch(
      /expected columns video, text; found video, n, list, s, none; text is lacking/,
    );
  });

  it("that is none is refused", async () => {
    const failure = await failureOf(
      shop.indexOf({}, { text: "no parquet", format: "parquet", path: "t.parquet" }),
    );
    expect(failure.code).toBe("annotations_invalid");
  });
});
