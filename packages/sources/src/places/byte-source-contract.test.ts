import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ByteSource, localRateGate, readAll, type Source, systemClock } from "@shardmill/core";
import { processes } from "@shardmill/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HubStandIn, startHubStandIn } from "../../../../tests/hub-stand-in/index.ts";
import { concatenate, openCache, openSource } from "../index.ts";

/** What every byte source promises (core/byte-source.ts), asked of every one this room makes. */

const signal = new AbortController().signal;
const bytes = randomBytes(3_000_000);
const half = 1_500_000;
const deps = { gate: localRateGate(systemClock), clock: systemClock };

let hub: HubStandIn;
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "byte-sources-"));
  await writeFile(join(dir, "whole.bin"), bytes);
  hub = await startHubStandIn({
    files: { "whole.bin": bytes, "aa.bin": bytes.subarray(0, half), "ab.bin": bytes.subarray(half) },
  });
});
afterAll(async () => {
  await hub.close();
  await rm(dir, { recursive: true });
});

const openHub = (): Promise<Source> =>
  openSource(
    { kind: "hub", repo: hub.repo, revision: hub.commit, endpoint: hub.endpoint, token: null },
    deps,
    signal,
  );

async function openIn(source: Source, path: string): Promise<ByteSource> {
  for await (const file of source.list(signal)) if (file.path === path) return source.open(file);
  return expect.fail(`${path} is not listed`);
}

const adapters: [string, () => Promise<ByteSource>][] = [
  ["hub", async () => openIn(await openHub(), "whole.bin")],
  [
    "http",
    async () => {
      const source = await openSource(
        { kind: "http", base: hub.plainBase, files: ["whole.bin"] },
        deps,
        signal,
      );
      return openIn(source, "whole.bin");
    },
  ],
  ["folder", async () => openIn(await openSource({ kind: "folder", path: dir }, deps, signal), "whole.bin")],
  [
    "pieces",
    async () => {
      const source = await openHub();
      return concatenate([await openIn(source, "aa.bin"), await openIn(source, "ab.bin")], "whole.bin");
    },
  ],
  [
    "cache",
    async () => {
      const settings = { dir: join(dir, "cache"), limitBytes: 1e9, segmentBytes: 700_000 };
      return openIn(openCache(settings, await openHub(), processes), "whole.bin");
    },
  ],
];

describe.each(adapters)("a byte source of kind %s", (_, open) => {
  it("gives exactly the bytes of any range", async () => {
    const source = await open();
    expect(source.sizeBytes).toBe(bytes.length);
    for (const [start, end] of [
      [0, 1],
      [0, 3_000_000],
      [2_999_999, 3_000_000],
      [1_499_990, 1_500_010],
      [699_999, 1_400_001],
      [123_456, 2_345_678],
    ] as const) {
      const read = await readAll(source, { start, end }, signal);
      expect(Buffer.from(read).equals(bytes.subarray(start, end))).toBe(true);
    }
  });

  it("gives nothing for an empty range and asks nobody", async () => {
    const source = await open();
    hub.log.length = 0;
    for (const at of [0, 5, 3_000_000]) {
      for await (const _ of source.read({ start: at, end: at }, signal)) expect.fail("a chunk of nothing");
    }
    expect(hub.log).toEqual([]);
  });

  it("refuses a range that is none", async () => {
    const source = await open();
    for (const range of [
      { start: -1, end: 5 },
      { start: 5, end: 4 },
      { start: 0, end: 3_000_001 },
    ]) {
      await expect(source.read(range, signal)[Symbol.asyncIterator]().next()).rejects.toThrow(RangeError);
    }
  });

  it("throws the signal's reason, before it begins and in the middle", async () => {
    const source = await open();
    const reason = new Error("enough");
    const early = source.read({ start: 0, end: 10 }, AbortSignal.abort(reason));
    await expect(early[Symbol.asyncIterator]().next()).rejects.toBe(reason);
    const controller = new AbortController();
    const chunks = source.read({ start: 0, end: 3_000_000 }, controller.signal)[Symbol.asyncIterator]();
    await chunks.next();
    controller.abort(reason);
    const rest = (async () => {
      while (!(await chunks.next()).done);
    })();
    await expect(rest).rejects.toBe(reason);
  });

  it("serves several reads at the same time, and is none the worse for one that is broken off", async () => {
    const source = await open();
    for await (const _ of source.read({ start: 10, end: 2_000_000 }, signal)) break;
    const reads = [0, 1, 2].map((at) => ({ start: at * 900_000, end: at * 900_000 + 1_200_000 }));
    const all = await Promise.all(reads.map((range) => readAll(source, range, signal)));
    for (const [at, { start, end }] of reads.entries()) {
      expect(Buffer.from(all[at]!).equals(bytes.subarray(start, end))).toBe(true);
    }
  });
});
