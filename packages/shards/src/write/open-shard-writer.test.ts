import { execFileSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  dataset,
  line,
  makeSample,
  manifestOf,
  never,
  openToy,
  tempFolder,
} from "../../testing/make-shard.ts";
import { energonIndex } from "./energon-index.ts";
import { openShardWriter } from "./open-shard-writer.ts";

const jpegMarks = Buffer.from([0xff, 0xd8, 0xff, 0xd9]);

async function golden(root: string): Promise<Buffer> {
  const { store } = await openToy(root);
  const writer = await openShardWriter(store, dataset, "toy-p0000-0000");
  for (const number of [0, 1]) {
    // Given out of order on purpose.
    const members = [
      { suffix: "json", bytes: Buffer.from(`{"k":${number + 1}}`) },
      { suffix: "jpg", bytes: jpegMarks },
    ];
    await writer.add({ key: `a${number}`, members });
  }
  const finished = await writer.finish(never);
  expect(finished).toMatchObject({ samples: 2, frames: 2, firstKey: "a0", lastKey: "a1" });
  expect([...finished.index]).toEqual([0, 2048, 4096]);
  const ledger = [line(0, { key: "a0" }), line(1, { key: "a1" })];
  const result = await writer.publish(manifestOf("toy-p0000-0000", finished, ledger), ledger, never);
  expect(result).toEqual({ kind: "committed" });
  return readFile(join(root, "toy/toy-p0000-0000.tar"));
}

describe("a written shard", () => {
  it("has the golden vector's bytes: pure ustar, sorted members, end blocks, padding, and the Energon index", async () => {
    await using folder = await tempFolder();
    const tar = await golden(folder.path);
    expect(tar.length).toBe(10_240);
    expect(tar.subarray(0, 263).toString("latin1").replaceAll("\0", ".")).toBe(
      `a0.jpg${".".repeat(94)}000644 .000000 .000000 .00000000004 00000000000 010161 .0${".".repeat(100)}ustar.`,
    );
    expect(tar.subarray(512, 516)).toEqual(jpegMarks);
    expect(tar.subarray(1024, 1031).toString()).toBe("a0.json");
    expect(tar.subarray(1536, 1543).toString()).toBe('{"k":1}');
    expect(tar.subarray(4096).every((byte) => byte === 0)).toBe(true);
    expect(await readFile(join(folder.path, "toy/toy-p0000-0000.tar.idx"))).toEqual(
      energonIndex([0, 2048], 4096),
    );
  });

  it("has DALI's index, too: extension, offset of the data, size and name of every member, a sample a line", async () => {
    await using folder = await tempFolder();
    const tar = await golden(folder.path);
    const text = await readFile(join(folder.path, "toy/dali/toy-p0000-0000.idx"), "utf8");
    expect(text).toBe(
      "v1.2 2\njpg 512 4 a0.jpg json 1536 7 a0.json\njpg 2560 4 a1.jpg json 3584 7 a1.json\n",
    );
    for (const line of text.trim().split("\n").slice(1))
      for (const [, at, size, name = ""] of line.matchAll(/\S+ (\d+) (\d+) (\S+)/g)) {
        expect(tar.toString("latin1", Number(at) - 512, Number(at) - 512 + name.length)).toBe(name);
        const bytes = tar.subarray(Number(at), Number(at) + Number(size));
        if (name.endsWith(".json")) expect(JSON.parse(bytes.toString())).toHaveProperty("k");
        else expect(bytes).toEqual(jpegMarks);
      }
  });

  it("is to GNU tar what it says it is: files of nobody, of the epoch, at the blocks of its indexes", async () => {
    await using folder = await tempFolder();
    await golden(folder.path);
    const path = join(folder.path, "toy/toy-p0000-0000");
    const listing = ["-tvRf", `${path}.tar`, "--numeric-owner", "--utc", "--full-time"];
    const lines = execFileSync("tar", listing, { encoding: "utf8" }).trim().split("\n");
    const members = [
      ["a0.jpg", 4],
      ["a0.json", 7],
      ["a1.jpg", 4],
      ["a1.json", 7],
    ] as const;
    expect(lines.map((line) => line.replaceAll(/ +/g, " "))).toEqual([
      ...members.map(
        ([name, size], at) => `block ${2 * at}: -rw-r--r-- 0/0 ${size} 1970-01-01 00:00:00 ${name}`,
      ),
      "block 8: ** Block of NULs **",
    ]);
    const dali = await readFile(join(folder.path, "toy/dali/toy-p0000-0000.idx"), "utf8");
    const places = [...dali.matchAll(/\S+ (\d+) \d+ (a\S+)/g)].map(([, at, name]) => [Number(at), name]);
    expect(places).toEqual(members.map(([name], at) => [(2 * at + 1) * 512, name]));
  });

  it("is listed by GNU tar without a complaint", async () => {
    await using folder = await tempFolder();
    await golden(folder.path);
    const listing = execFileSync("tar", ["-tvf", join(folder.path, "toy/toy-p0000-0000.tar")], {
      env: { ...process.env, TZ: "UTC", LC_ALL: "C" },
    }).toString();
    expect(
      listing
        .trim()
        .split("\n")
        .map((row) => row.replace(/\s+/g, " ")),
    ).toEqual([
      "-rw-r--r-- 0/0 4 1970-01-01 00:00 a0.jpg",
      "-rw-r--r-- 0/0 7 1970-01-01 00:00 a0.json",
      "-rw-r--r-- 0/0 4 1970-01-01 00:00 a1.jpg",
      "-rw-r--r-- 0/0 7 1970-01-01 00:00 a1.json",
    ]);
  });

  it.skipIf(!hasPython())(
    "groups into the same samples for Python's tarfile and the readers' regex",
    async () => {
      await using folder = await tempFolder();
      await golden(folder.path);
      const program = `
import json, re, sys, tarfile
samples = {}
for member in tarfile.open(sys.argv[1]):
    key, field = re.match(r"^((?:.*/|)[^.]+)[.]([^/]*)$", member.name).groups()
    assert member.isreg() and member.mtime == 0 and not member.pax_headers
    samples.setdefault(key, []).append(field)
print(json.dumps(samples))`;
      const out = execFileSync("python3", ["-c", program, join(folder.path, "toy/toy-p0000-0000.tar")]);
      expect(JSON.parse(out.toString())).toEqual({ a0: ["jpg", "json"], a1: ["jpg", "json"] });
    },
  );

  it("refuses names that a reader would take for something else", async () => {
    await using folder = await tempFolder();
    const { store } = await openToy(folder.path);
    const writer = await openShardWriter(store, dataset, "toy-p0000-0000");
    const bytes = Buffer.from("x");
    const bad: [string, string[]][] = [
      ["v1.5", ["jpg"]],
      ["a/b", ["jpg"]],
      ["A", ["jpg"]],
      ["x".repeat(61), ["jpg"]],
      ["a", ["JPG"]],
      ["a", ["jpg", "jpg"]],
      ["a", ["__key__"]],
      ["a", []],
      ["a", ["x".repeat(100)]],
    ];
    for (const [key, suffixes] of bad) {
      const sample = { key, members: suffixes.map((suffix) => ({ suffix, bytes })) };
      await expect(writer.add(sample), `${key} ${suffixes}`).rejects.toMatchObject({ code: "shard_invalid" });
    }
    await writer.add({ key: "a", members: [{ suffix: "jpg", bytes }] });
    await expect(writer.add({ key: "a", members: [{ suffix: "jpg", bytes }] })).rejects.toThrow(
      "a second time",
    );
    await writer.discard();
    expect(await readdir(join(folder.path, "toy"))).toEqual([]);
  });

  it("has no tar when it has no sample, and still commits", async () => {
    await using folder = await tempFolder();
    const { store, records } = await openToy(folder.path);
    const writer = await openShardWriter(store, dataset, "toy-p0000-0000");
    const finished = await writer.finish(never);
    const ledger = [line(0, { outcome: "failed", key: null, code: "zero_frames", frames: null })];
    expect(finished.tar).toBeNull();
    await writer.publish(manifestOf("toy-p0000-0000", finished, ledger), ledger, never);
    expect(await readdir(join(folder.path, "toy"))).toEqual([".shardmill"]);
    expect(await records.listManifests()).toHaveLength(1);
  });

  it("shows nothing under its name, and nothing that *.tar matches, until it is published", async () => {
    await using folder = await tempFolder();
    const { store } = await openToy(folder.path);
    const writer = await openShardWriter(store, dataset, "toy-p0000-0000");
    await writer.add(await makeSample("a", 3));
    await writer.finish(never);
    const names = await readdir(join(folder.path, "toy"));
    expect(names).toHaveLength(1);
    expect(names[0]).toMatch(/^\.toy-p0000-0000\.tar~.*\.tmp$/);
    await writer.discard();
  });

  it("refuses a manifest or ledger that does not describe it", async () => {
    await using folder = await tempFolder();
    const { store } = await openToy(folder.path);
    const writer = await openShardWriter(store, dataset, "toy-p0000-0000");
    await writer.add(await makeSample("a", 1));
    const finished = await writer.finish(never);
    const manifest = manifestOf("toy-p0000-0000", finished, [line(0)]);
    const lie = writer.publish({ ...manifest, samples: 2 }, [line(0)], never);
    await expect(lie).rejects.toMatchObject({ code: "shard_invalid" });
    const unbalanced = writer.publish(manifest, [line(0), line(1)], never);
    await expect(unbalanced).rejects.toMatchObject({ code: "books_unbalanced" });
  });
});

function hasPython(): boolean {
  try {
    execFileSync("python3", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
