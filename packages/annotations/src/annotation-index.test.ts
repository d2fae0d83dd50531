import { execFile } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import {
  captionsOf,
  datasetWith,
  failureOf,
  fileOf,
  indexWorkshop,
  type Reads,
  signal,
  type TestFile,
} from "../testing/index-workshop.ts";
import { buildAnnotationIndex, openAnnotationIndex } from "./index.ts";
import { openDatabase } from "./open-database.ts";

const shop = indexWorkshop();

describe("the ladder of names", () => {
  const text = JSON.stringify(
    ["t/a.mp4", "b.mp4", "p/c.mp4", "q/c.mp4", "clip.1.mp4", "clip.mp4", "d", "./e\\f.mp4"].map((video) => ({
      video,
      n: video,
    })),
  );
  const file: TestFile = { text, format: "json", subset: "t" };

  it("tries each rung in the catalogue's order and reports what several media match", async () => {
    const index = await shop.indexOf({ match: ["exact", "without-subset", "basename", "stem"] }, file);
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

  it("takes a record that names a subset and a file for that subset's file", async () => {
    const records = ["s/a.mp4", "t/a.mp4", "u/b.mp4"].map((video) => ({ video, n: video }));
    const index = await shop.indexOf(
      { match: ["exact", "with-subset", "basename"] },
      { text: JSON.stringify(records), format: "json" },
    );
    expect(await captionsOf(index, ["a.mp4", "videos/a.mp4", "b.mp4"], "s")).toEqual([
      ["s/a.mp4"],
      ["s/a.mp4"],
      ["u/b.mp4"],
    ]);
    expect(await captionsOf(index, ["a.mp4"], "t")).toEqual([["t/a.mp4"]]);
    expect(await captionsOf(index, ["a.mp4"], "v")).toEqual(["ambiguous"]);
    expect(await captionsOf(index, ["a.mp4"])).toEqual(["ambiguous"]);
  });

  it("goes no further down than the catalogue says", async () => {
    const index = await shop.indexOf({ match: ["exact"] }, file);
    expect(await captionsOf(index, ["t/a.mp4", "a.mp4", "c.mp4"], "t")).toEqual([["t/a.mp4"], [], []]);
  });

  it("keeps subsets apart unless the query names none", async () => {
    const index = await shop.indexOf(
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
    const first = await shop.indexOf({}, { text });
    const second = await shop.indexOf({}, { text });
    expect(second.id).toBe(first.id);
    expect(await readdir(shop.dir)).toHaveLength(1);
    const other = await shop.indexOf({ match: ["exact"] }, { text });
    const changed = await shop.indexOf({}, { text: `${text}c,d\n` });
    expect(new Set([first.id, other.id, changed.id]).size).toBe(3);
    expect(first.id).toMatch(/^[0-9a-f]{64}$/);
    expect(await readdir(shop.dir)).toHaveLength(3);
  });

  it("is found again without reading a byte when the source tells the file's hash", async () => {
    const reads: Reads = { count: 0 };
    await shop.indexOf({}, { text, sha256: "ab".repeat(32), reads });
    expect(reads.count).toBe(1);
    const again = await shop.indexOf({}, { text, sha256: "ab".repeat(32), reads });
    expect(reads.count).toBe(1);
    expect(await captionsOf(again, ["a"])).toEqual([["b"]]);
  });

  it("is opened by its id, and null where there is none", async () => {
    const made = await shop.indexOf({}, { text });
    const opened = await openAnnotationIndex(shop.dir, made.id);
    expect(opened?.count).toBe(1);
    opened?.close();
    expect(await openAnnotationIndex(shop.dir, "0".repeat(64))).toBeNull();
  });

  it("answers many lookups at once", async () => {
    const rows = Array.from({ length: 2000 }, (_, row) => `v${row},c${row}`).join("\n");
    const index = await shop.indexOf({}, { text: `video,caption\n${rows}\n`, chunkBytes: 4096 });
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => captionsOf(index, [`v${n}`, `v${n + 100}`, "none"])),
    );
    expect(answers).toEqual(Array.from({ length: 8 }, (_, n) => [[`c${n}`], [`c${n + 100}`], []]));
    expect(await index.lookup([], signal)).toEqual([]);
  });

  it("is read by several processes at once, and reaches no file beside it", async () => {
    const index = await shop.indexOf({}, { text });
    const script = `
      import { openAnnotationIndex } from ${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)};
      const index = await openAnnotationIndex(${JSON.stringify(shop.dir)}, ${JSON.stringify(index.id)});
      const [records] = await index.lookup([{ subset: null, name: "a" }], new AbortController().signal);
      console.log(records[0].fields.caption);
      index.close();`;
    const run = promisify(execFile);
    const runs = [1, 2].map(() => run(process.execPath, ["--input-type=module", "-e", script]));
    const captions = await Promise.all(runs.map(async (one) => (await one).stdout.trim()));
    expect(captions).toEqual(["b", "b"]);
    expect(await captionsOf(index, ["a"])).toEqual([["b"]]);
    const database = await openDatabase(join(shop.dir, (await readdir(shop.dir))[0] ?? ""), {
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
    const made = await shop.indexOf({}, { text });
    shop.closeAll();
    const [name = ""] = await readdir(shop.dir);
    await writeFile(join(shop.dir, name), "damaged");
    expect((await failureOf(openAnnotationIndex(shop.dir, made.id))).code).toBe("record_invalid");
    expect(await captionsOf(await shop.indexOf({}, { text }), ["a"])).toEqual([["b"]]);
  });

  it("is not there after a cancellation, nor is anything else", async () => {
    const controller = new AbortController();
    const reason = new Error("stop");
    const input = {
      dataset: datasetWith({}),
      files: [fileOf({ text, sha256: "cd".repeat(32) })],
      dir: shop.dir,
      onProgress: () => controller.abort(reason),
    };
    await expect(buildAnnotationIndex(input, controller.signal)).rejects.toBe(reason);
    expect(await readdir(shop.dir)).toEqual([]);
  });

  it("tells the bytes read and of how many", async () => {
    const seen: [number, number][] = [];
    const onProgress = (bytes: number, ofBytes: number): number => seen.push([bytes, ofBytes]);
    const files = [fileOf({ text, sha256: "ef".repeat(32) })];
    const index = await buildAnnotationIndex(
      { dataset: datasetWith({}), files, dir: shop.dir, onProgress },
      signal,
    );
    index.close();
    expect(seen.at(-1)).toEqual([text.length, text.length]);
  });

  it("cannot be made without any annotation file", async () => {
    expect((await failureOf(shop.indexOf({}))).code).toBe("annotations_invalid");
  });
});
