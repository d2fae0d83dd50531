import { mkdtemp, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countLines, shardName, systemClock } from "@shardmill/core";
import { ledgerRows, listFailures, noQueue, readStatus, StandingBooks } from "@shardmill/pipeline";
import { connectQueue, startEmbeddedRedis } from "@shardmill/queue";
import { openRecords, type Records } from "@shardmill/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  aBuildRecord,
  aLedgerLine,
  aLeftOutLine,
  aListedPart,
  aManifest,
  aPartEnd,
  aPlan,
  aRange,
} from "../../packages/core/testing/records.ts";
import { askRedis } from "../faults/ask-redis.ts";
import { type Asked, countingStore } from "./counting-store.ts";

/** What is asked for of an output, and of one of ten times its parts and shards: ten times as much, and of some things no more. */
const shardsOfPart = 10;
const sizes = [12, 120] as const;
const never = new AbortController().signal;

interface Output {
  readonly records: Records;
  readonly asked: Asked;
  readonly parts: number;
}

let scratch: string;
let outputs: Output[];

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-slopes-"));
  outputs = [];
  for (const parts of sizes) outputs.push(await writeOutput(join(scratch, String(parts)), parts));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function writeOutput(root: string, parts: number): Promise<Output> {
  const { store } = await countingStore(root);
  const records = openRecords(store, "toy");
  for (let part = 0; part < parts; part += 1) {
    const ranges = Array.from({ length: shardsOfPart }, (_, range) =>
      aRange({
        range,
        shard: shardName("toy", { subset: null, part }, range),
        first: 2 * range,
        last: 2 * range + 1,
      }),
    );
    await records.writePlan(aPlan({ part, members: 2 * shardsOfPart, ranges }), []);
    for (let range = 0; range < shardsOfPart; range += 1) await commit(records, part, range);
    await records.writePartEnd(aPartEnd({ part }));
  }
  const listed = Array.from({ length: parts }, (_, part) => aListedPart({ part }));
  await records.writeBuild(aBuildRecord({ parts: listed }));
  // As it lies there when nobody has written for a while.
  await utimes(join(root, records.paths.manifests), 1_700_000_000, 1_700_000_000);
  return { ...(await reopened(root)), parts };
}

/** As another process opens it: nothing of it has been read. */
async function reopened(root: string): Promise<Pick<Output, "records" | "asked">> {
  const { store, asked } = await countingStore(root);
  return { records: openRecords(store, "toy"), asked };
}

/** A shard with two members, of which one failed in every fifth. */
async function commit(records: Records, part: number, range: number): Promise<void> {
  const shard = shardName("toy", { subset: null, part }, range);
  const first = 2 * range;
  const failed = aLeftOutLine({ position: first, outcome: "failed", code: "decode_error" });
  const lines = [
    range % 5 === 0 ? failed : aLedgerLine({ position: first }),
    aLedgerLine({ position: first + 1 }),
  ];
  await records.writeLedger(shard, lines);
  await records.store.put(records.paths.tar(shard), "tar");
  const tar = { bytes: 3, sha256: "b".repeat(64), md5: "c".repeat(32) };
  const counts = countLines(lines);
  await records.writeManifest(
    aManifest({ shard, part, range, first, last: first + 1, tar, samples: counts.packed, counts }),
  );
}

/** What a piece of work asks of the file system, of an output that nothing has been read of, for both sizes. */
async function asks(work: (output: Output) => Promise<unknown>): Promise<[Asked, Asked]> {
  const found: Asked[] = [];
  for (const { records, parts } of outputs) {
    const again = await reopened(records.store.root);
    await work({ ...again, parts });
    found.push({ ...again.asked });
  }
  const [one, ten] = found;
  if (one === undefined || ten === undefined) throw new Error("expected two outputs");
  console.log(JSON.stringify({ one, ten }));
  return [one, ten];
}

/** In proportion: ten times as much, and what there is once is there once. */
function expectInProportion([one, ten]: [Asked, Asked], listings: number): void {
  expect(ten.opened).toBeLessThanOrEqual(10 * one.opened);
  expect(ten.looked).toBeLessThanOrEqual(10 * one.looked);
  expect([one.listed, ten.listed]).toEqual([listings, listings]);
}

async function countOf(items: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of items) count += 1;
  return count;
}

describe("ten times the parts and shards", () => {
  it("cost status ten times the files, and as many folder listings", async () => {
    const asked = await asks(async ({ records, parts }) => {
      const build = await records.readBuild();
      if (build === null) throw new Error("expected a build");
      const { totals } = await readStatus(records, build, noQueue);
      expect([totals.packed, totals.failed]).toEqual([18 * parts, 2 * parts]);
    });
    expectInProportion(asked, 4);
  });

  it("cost a list of failures ten times the files: manifests, and the ledgers that tell of any", async () => {
    const asked = await asks(async ({ records, parts }) => {
      expect(await countOf(listFailures(records, null, never))).toBe(2 * parts);
    });
    expectInProportion(asked, 2);
    // A plan, its ledger, ten manifests and two ledgers for each part.
    expect(asked[1].opened).toBe(14 * sizes[1]);
  });

  it("cost an exported ledger ten times the files", async () => {
    const asked = await asks(async ({ records, parts }) => {
      expect(await countOf(ledgerRows(records, null, never))).toBe(2 * shardsOfPart * parts);
    });
    expectInProportion(asked, 2);
  });

  it("cost planning or sealing all parts, one after another, ten times the files, and one listing of all manifests", async () => {
    const asked = await asks(async ({ records, parts }) => {
      for (let part = 0; part < parts; part += 1)
        expect(await records.listManifests({ subset: null, part })).toHaveLength(shardsOfPart);
    });
    expectInProportion(asked, 1);
  });

  it("cost a range that is made a look at its part's supplements, and no file of the part's other ranges", async () => {
    const asked: Asked[] = [];
    for (const ranges of [10, 100]) {
      const root = join(scratch, `one-part-of-${ranges}`);
      const { records } = await reopened(root);
      for (let range = 0; range < ranges; range += 1) await commit(records, 0, range);
      const supplement = { shard: "toy-p0000-r01", part: 0, range: null, supplement: 1 };
      await records.writeManifest(aManifest(supplement));
      const again = await reopened(root);
      const found = await again.records.listSupplements({ subset: null, part: 0 });
      expect(found.map(({ shard }) => shard)).toEqual([supplement.shard]);
      asked.push({ ...again.asked });
    }
    expect(asked[1]).toEqual(asked[0]);
    expect(asked[1]).toMatchObject({ opened: 1, listed: 1 });
  });

  it("cost a page after one more commit its two files, and no look at the other shards", async () => {
    const looked: number[] = [];
    for (const { records, asked, parts } of outputs) {
      const standing = new StandingBooks(records, systemClock);
      await standing.read();
      await commit(
        openRecords((await countingStore(records.store.root)).store, "toy"),
        parts - 1,
        shardsOfPart,
      );
      const before = { ...asked };
      const books = await standing.read();
      expect(books.manifests).toHaveLength(shardsOfPart * parts + 1);
      // The new manifest, and the questions that nobody fetched; plans and ends have files of their own, one for each part.
      expect(asked.opened - before.opened).toBe(2);
      looked.push(asked.looked - before.looked - 2 * parts);
    }
    expect(looked[1]).toBe(looked[0]);
  });

  it("cost Redis ten times the commands", async () => {
    const commands = [await commandsOf(20), await commandsOf(200)];
    console.log(JSON.stringify({ commands }));
    // Workers that wait ask now and then, which is the same for both.
    expect(commands[1]).toBeLessThanOrEqual(10 * (commands[0] ?? 0));
  });
});

/** Commands that Redis is given for a build of so many shards in which there is nothing to do. */
async function commandsOf(shards: number): Promise<number> {
  const redis = await startEmbeddedRedis();
  const queue = await connectQueue({ url: redis.url });
  const processed = async (): Promise<number> =>
    Number(/total_commands_processed:(\d+)/.exec(await askRedis(redis.url, "INFO", "stats"))?.[1]);
  try {
    let end = (): void => {};
    const sealed = new Promise<void>((resolve) => {
      end = resolve;
    });
    const ranges = Array.from({ length: shards }, (_, range) => ({ range: String(range).padStart(4, "0") }));
    const planner = await queue.runWorker({
      role: "plan",
      name: "slopes/plan",
      concurrency: 1,
      handlers: {
        planPart: async () => ranges,
        finishPart: async () => null,
        sealBuild: async () => {
          end();
          return null;
        },
      },
    });
    const mill = await queue.runWorker({
      role: "mill",
      name: "slopes/mill",
      concurrency: 2,
      handlers: { millShard: async () => null },
    });
    const before = await processed();
    const parts = [{ label: "p0000", subset: null, part: 0 }];
    await queue.enqueueBuild({ build: "slopes", run: 1, dataset: "toy", parts });
    await sealed;
    const after = await processed();
    await Promise.all([planner.close({ drain: false }), mill.close({ drain: false })]);
    return after - before;
  } finally {
    await queue.close();
    await redis.close();
  }
}
