import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { DuckDBInstance } from "@duckdb/node-api";
import {
  type AnnotationFileFound,
  type ByteSource,
  type Dataset,
  datasetSchema,
  Failure,
} from "@shardmill/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AnnotationIndex, buildAnnotationIndex, openAnnotationIndex } from "./index.ts";
import { openDatabase } from "./open-database.ts";

const signal = new AbortController().signal;
let dir = "";
const open: AnnotationIndex[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "shardmill-annotations-"));
});

afterEach(async () => {
  for (const index of open.splice(0)) index.close();
  await rm(dir, { recursive: true, force: true });
});

type Rule = Partial<Extract<Dataset["annotations"], { kind: "files" }>>;

function datasetWith(rule: Rule): Dataset {
  return datasetSchema.parse({
    name: "some-set",
    title: "Some set",
    keyPrefix: "some",
    sourceName: "some",
    license: "MIT",
    source: { kind: "folder" },
    parts: [{ archive: "zip", path: "part{part}.zip" }],
    media: "video",
    annotations: { kind: "files", files: [{ path: "x.csv", format: "csv" }], key: "video", ...rule },
    text: { adapter: "caption" },
  });
}

interface Reads {
  count: number;
}

/** Chunks of a few odd bytes, so that every boundary is met somewhere. */
function bytesSource(bytes: Uint8Array, chunkBytes = 7, reads: Reads = { count: 0 }): ByteSource {
  return {
    sizeBytes: bytes.length,
    name: "test",
    async *read({ start, end }) {
      reads.count += 1;
      for (let at = start; at < end; at += chunkBytes)
        yield bytes.subarray(at, Math.min(end, at + chunkBytes));
    },
  };
}

interface TestFile {
  readonly text: string | Uint8Array;
  readonly path?: string;
  readonly set?: string;
  readonly subset?: string | null;
  readonly format?: AnnotationFileFound["format"];
  readonly sha256?: string | null;
  readonly chunkBytes?: number;
  readonly reads?: Reads;
}

function fileOf(file: TestFile): { found: AnnotationFileFound; source: ByteSource } {
  const bytes = typeof file.text === "string" ? new TextEncoder().encode(file.text) : file.text;
  return {
    found: {
      file: { path: file.path ?? "x.csv", sizeBytes: bytes.length, sha256: file.sha256 ?? null, oid: null },
      subset: file.subset ?? null,
      set: file.set ?? "records",
      format: file.format ?? "csv",
    },
    source: bytesSource(bytes, file.chunkBytes, file.reads),
  };
}

async function indexOf(rule: Rule, ...files: TestFile[]): Promise<AnnotationIndex> {
  const index = await buildAnnotationIndex(
    { dataset: datasetWith(rule), files: files.map(fileOf), dir },
    signal,
  );
  open.push(index);
  return index;
}

async function captionsOf(
  index: AnnotationIndex,
  names: string[],
  subset: string | null = null,
): Promise<unknown[]> {
  const answers = await index.lookup(
    names.map((name) => ({ subset, name })),
    signal,
  );
  return answers.map((answer) =>
    answer === "ambiguous" ? answer : answer.map(({ fields }) => fields.caption ?? fields.n),
  );
}

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const error = await promise.then(
    () => null,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(Failure);
  if (!(error instanceof Failure)) throw new Error("no failure");
  return error;
}

describe("a caption table", () => {
  it("keeps commas, quotes, line breaks, header names with spaces and names that begin with -", async () => {
    const index = await indexOf(
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
      const index = await indexOf(
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

  it("takes the lines of a caption that look like rows for text, in files of many megabytes too", async () => {
    const inner = Array.from({ length: 40 }, (_, line) => `a${line},b`).join("\n");
    const rows = Array.from({ length: 30_000 }, (_, row) => `v${row}.mp4,"${inner}"`);
    const index = await indexOf({}, { text: `video,caption\n${rows.join("\n")}\n`, chunkBytes: 1 << 20 });
    expect(index.count).toBe(30_000);
    expect(index.duplicates).toBe(0);
    expect(await captionsOf(index, ["v0.mp4", "v29999.mp4", "a7"])).toEqual([[inner], [inner], []]);
  });

  it("reads a caption of 50 MB", async () => {
    const long = "long, ".repeat(8_400_000);
    const text = `video,caption\na.mp4,"${long}"\nb.mp4,short\n`;
    const index = await indexOf({}, { text, chunkBytes: 1 << 20 });
    const [[caption], short] = (await captionsOf(index, ["a.mp4", "b.mp4"])) as [[string], unknown];
    expect(caption.length).toBe(long.length);
    expect(short).toEqual(["short"]);
  });

  it("takes the first of two captions for one name and counts the other", async () => {
    const index = await indexOf(
      {},
      { text: "video,caption\na,first\na,second\nb,only\n,nameless\n,nameless\n" },
    );
    expect([index.count, index.duplicates]).toEqual([5, 1]);
    expect(await captionsOf(index, ["a", "b", ""])).toEqual([["first"], ["only"], []]);
  });

  it("is refused with the columns it has when it lacks one", async () => {
    const failure = await failureOf(indexOf({ required: ["caption"] }, { text: "id,text\na,b\n" }));
    expect(failure.code).toBe("annotations_invalid");
    expect(failure.message).toBe(
      "x.csv: expected columns video, caption; found id, text; video, caption is lacking",
    );
    expect(await readdir(dir)).toEqual([]);
  });

  it.each([
    ["a row with too few columns", "video,caption\na\nb,c\n", /row 2: expected 2 columns, found 1/],
    ["a quote that never ends", 'video,caption\na,"b\nc,d\n', /row 2: a quote is opened/],
    ["a column named twice", "video,caption,caption\na,b,c\n", /names the column caption twice/],
    ["text behind a closing quote", 'video,caption\na,"b" c\n', /row 2: something follows/],
    ["no rows and no header", "", /is empty/],
  ])("is refused, naming the place, for %s", async (_, text, message) => {
    const failure = await failureOf(indexOf({}, { text }));
    expect(failure.code).toBe("annotations_invalid");
    expect(failure.message).toMatch(message);
    expect(await readdir(dir)).toEqual([]);
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
      const index = await indexOf({ duplicates: "all", match: ["exact"] }, { text, format, chunkBytes });
      expect([index.count, index.duplicates]).toEqual([4, 0]);
      expect(await captionsOf(index, ["s/a.mp4", "s/b.mp4", "7"])).toEqual([[1, 3], [2], []]);
      const [answer] = await index.lookup([{ subset: null, name: "s/a.mp4" }], signal);
      expect(answer?.[0]).toEqual({ set: "records", fields: records[0] });
    }
  });

  it.each([
    ["an object instead of an array", '{"video":"a"}', /expected one JSON array/],
    ["an array that breaks off", '[{"video":"a"},{"video":', /breaks off after 1 elements/],
    ["an element that is no object", '[{"video":"a"},7]', /element 2 is no JSON object: 7/],
    ["something behind the array", '[{"video":"a"}] x', /something follows/],
    ["an element that is no JSON", '[{"video":"a"},{"video":}]', /element 2/],
    [
      "a first record without the key",
      '[{"image":"a"}]',
      /expected fields of the first record video; found image/,
    ],
  ])("are refused for %s", async (_, text, message) => {
    const failure = await failureOf(indexOf({}, { text, format: "json", path: "x.json" }));
    expect(failure.code).toBe("annotations_invalid");
    expect(failure.message).toMatch(message);
  });

  it("may hold an element of 20 MB", async () => {
    const long = "x".repeat(20_000_000);
    const text = JSON.stringify([
      { video: "a", n: long },
      { video: "b", n: 2 },
    ]);
    const index = await indexOf({}, { text, format: "json", chunkBytes: 1 << 20 });
    const [[first], second] = (await captionsOf(index, ["a", "b"])) as [[string], unknown];
    expect(first.length).toBe(long.length);
    expect(second).toEqual([2]);
  });

  it("of several files come in the order of the files, each with the name of its set", async () => {
    const index = await indexOf(
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
    const path = join(dir, "t.parquet");
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
    const index = await indexOf({ required: ["n"] }, file);
    expect(index.count).toBe(3000);
    const [answer] = await index.lookup([{ subset: null, name: "2999.mp4" }], signal);
    expect(answer).toEqual([
      {
        set: "records",
        fields: { video: "a/2999.mp4", n: 2999, list: [2999, 3000], s: { x: 1.5 }, none: null },
      },
    ]);
    const failure = await failureOf(indexOf({ required: ["text"] }, file));
    expect(failure.message).toMatch(
      /expected columns video, text; found video, n, list, s, none; text is lacking/,
    );
  });

  it("that is none is refused", async () => {
    const failure = await failureOf(
      indexOf({}, { text: "no parquet", format: "parquet", path: "t.parquet" }),
    );
    expect(failure.code).toBe("annotations_invalid");
  });
});

describe("the ladder of names", () => {
  const text = JSON.stringify(
    ["t/a.mp4", "b.mp4", "p/c.mp4", "q/c.mp4", "clip.1.mp4", "clip.mp4", "d", "./e\\f.mp4"].map((video) => ({
      video,
      n: video,
    })),
  );
  const file: TestFile = { text, format: "json", subset: "t" };

  it("tries each rung in the catalogue's order and reports what several media match", async () => {
    const index = await indexOf({ match: ["exact", "without-subset", "basename", "stem"] }, file);
    expect(
      await captionsOf(
        index,
        ["t/a.mp4", "a.mp4", "t/b.mp4", "x/y/b.mp4", "c.mp4", "p/c.mp4", "z/c.mp4"],
        "t",
      ),
    ).toEqual([["t/a.mp4"], ["t/a.mp4"], ["b.mp4"], ["b.mp4"], "ambiguous", ["p/c.mp4"], "ambiguous"]);
    expect(
      await captionsOf(index, ["frames/clip.1", "frames/clip.2", "d.webm", "e/f.mp4", "f.mkv"], "t"),
    ).toEqual([["clip.1.mp4"], ["clip.mp4"], ["d"], ["./e\\f.mp4"], ["./e\\f.mp4"]]);
  });

  it("goes no further down than the catalogue says", async () => {
    const index = await indexOf({ match: ["exact"] }, file);
    expect(await captionsOf(index, ["t/a.mp4", "a.mp4", "c.mp4"], "t")).toEqual([["t/a.mp4"], [], []]);
  });

  it("keeps subsets apart unless the query names none", async () => {
    const index = await indexOf(
      { match: ["basename"] },
      { text: '[{"video":"a","n":1},{"video":"b","n":2}]', format: "json", subset: "s" },
      { text: '[{"video":"a","n":3}]', format: "json", subset: "t" },
    );
    expect(await captionsOf(index, ["a", "b"], "s")).toEqual([[1], [2]]);
    expect(await captionsOf(index, ["a", "b"], "t")).toEqual([[3], []]);
    expect(await captionsOf(index, ["a", "b"])).toEqual(["ambiguous", [2]]);
  });
});

describe("the index on disk", () => {
  const text = "video,caption\na,b\n";

  it("is made once for one content and rule, and again for another", async () => {
    const first = await indexOf({}, { text });
    const second = await indexOf({}, { text });
    expect(second.id).toBe(first.id);
    expect(await readdir(dir)).toHaveLength(1);
    const other = await indexOf({ match: ["exact"] }, { text });
    const changed = await indexOf({}, { text: `${text}c,d\n` });
    expect(new Set([first.id, other.id, changed.id]).size).toBe(3);
    expect(first.id).toMatch(/^[0-9a-f]{64}$/);
    expect(await readdir(dir)).toHaveLength(3);
  });

  it("is found again without reading a byte when the source tells the file's hash", async () => {
    const reads: Reads = { count: 0 };
    await indexOf({}, { text, sha256: "ab".repeat(32), reads });
    expect(reads.count).toBe(1);
    const again = await indexOf({}, { text, sha256: "ab".repeat(32), reads });
    expect(reads.count).toBe(1);
    expect(await captionsOf(again, ["a"])).toEqual([["b"]]);
  });

  it("is opened by its id, and null where there is none", async () => {
    const made = await indexOf({}, { text });
    const opened = await openAnnotationIndex(dir, made.id);
    expect(opened).not.toBeNull();
    if (opened !== null) open.push(opened);
    expect(opened?.count).toBe(1);
    expect(await openAnnotationIndex(dir, "0".repeat(64))).toBeNull();
  });

  it("answers many lookups at once", async () => {
    const rows = Array.from({ length: 2000 }, (_, row) => `v${row},c${row}`).join("\n");
    const index = await indexOf({}, { text: `video,caption\n${rows}\n`, chunkBytes: 4096 });
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => captionsOf(index, [`v${n}`, `v${n + 100}`, "none"])),
    );
    expect(answers).toEqual(Array.from({ length: 8 }, (_, n) => [[`c${n}`], [`c${n + 100}`], []]));
    expect(await index.lookup([], signal)).toEqual([]);
  });

  it("is read by several processes at once, and reaches no file beside it", async () => {
    const index = await indexOf({}, { text });
    const script = `
      import { openAnnotationIndex } from ${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)};
      const index = await openAnnotationIndex(${JSON.stringify(dir)}, ${JSON.stringify(index.id)});
      const [records] = await index.lookup([{ subset: null, name: "a" }], new AbortController().signal);
      console.log(records[0].fields.caption);
      index.close();`;
    const run = promisify(execFile);
    const runs = [1, 2].map(() => run(process.execPath, ["--input-type=module", "-e", script]));
    const captions = await Promise.all(runs.map(async (one) => (await one).stdout.trim()));
    expect(captions).toEqual(["b", "b"]);
    expect(await captionsOf(index, ["a"])).toEqual([["b"]]);
    const database = await openDatabase(join(dir, (await readdir(dir))[0] ?? ""), {
      isReadOnly: true,
      memoryLimitMb: 64,
    });
    try {
      const connection = await database.connect();
      for (const statement of [
        "SELECT * FROM read_csv('/etc/passwd')",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "COPY raw TO '/tmp/leak.csv'",
      ])
        await expect(connection.run(statement)).rejects.toThrow();
      connection.closeSync();
    } finally {
      database.close();
    }
  });

  it("that is damaged is told as such when opened, and made again when built", async () => {
    const made = await indexOf({}, { text });
    for (const index of open.splice(0)) index.close();
    const [name = ""] = await readdir(dir);
    await writeFile(join(dir, name), "damaged");
    expect((await failureOf(openAnnotationIndex(dir, made.id))).code).toBe("record_invalid");
    expect(await captionsOf(await indexOf({}, { text }), ["a"])).toEqual([["b"]]);
  });

  it("is not there after a cancellation, nor is anything else", async () => {
    const controller = new AbortController();
    const reason = new Error("stop");
    const input = {
      dataset: datasetWith({}),
      files: [fileOf({ text, sha256: "cd".repeat(32) })],
      dir,
      onProgress: () => controller.abort(reason),
    };
    await expect(buildAnnotationIndex(input, controller.signal)).rejects.toBe(reason);
    expect(await readdir(dir)).toEqual([]);
  });

  it("tells the bytes read and of how many", async () => {
    const seen: [number, number][] = [];
    const onProgress = (bytes: number, ofBytes: number): number => seen.push([bytes, ofBytes]);
    const files = [fileOf({ text, sha256: "ef".repeat(32) })];
    open.push(await buildAnnotationIndex({ dataset: datasetWith({}), files, dir, onProgress }, signal));
    expect(seen.at(-1)).toEqual([text.length, text.length]);
  });

  it("cannot be made without any annotation file", async () => {
    expect((await failureOf(indexOf({}))).code).toBe("annotations_invalid");
  });
});
