import type { Store } from "@shardmill/store";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { withBucket } from "../../../store/testing/bucket.ts";
import { ToyBuild } from "../../testing/toy-build.ts";
import { toyTools } from "../../testing/toy-tools.ts";
import { preparePart } from "../plan/prepare-part.ts";
import { millShard } from "./mill-shard.ts";

const signal = new AbortController().signal;
const part = { subset: null, part: 0 };
const missing = { kind: "missing" } as const;
let toy: ToyBuild;
beforeEach(async () => {
  toy = await ToyBuild.open();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await toy.close();
});

/** A part of two shards, planned by one process, and another that is to make them. */
async function planned(store: Store) {
  const context = await toy.context(store);
  const tasks = await preparePart(context, part, { order: missing, run: 1 }, signal);
  const worker = await toy.context(store);
  return { tasks, worker, tools: toyTools(context.build.toolchain) };
}

it("a shard in a bucket is fourteen requests, and sums are not made of all manifests for it", () =>
  withBucket({}, async (store, standIn) => {
    const { tasks, worker, tools } = await planned(store);
    const asked: string[][] = [];
    for (const task of tasks) {
      standIn.requests.length = 0;
      const ends = await millShard(worker, { part, task }, tools, signal);
      expect(ends.map(({ kind }) => kind)).toEqual(["committed"]);
      asked.push(
        standIn.requests.map(({ verb, key }) => `${verb} ${key.replace("out/put/toy/", "")}`.trim()),
      );
    }
    const [first = [], second = []] = asked;
    // The first one of a worker asks for the plan, what there is, and what was withdrawn as well.
    expect(first.length).toBeLessThanOrEqual(second.length + 4);
    const named = second.map((one) => one.replace(/~[0-9a-f]{8}/, "~"));
    expect(named).toEqual([
      // Whether something of it lies there, its members, and whether a supplement took some of them.
      "HEAD toy-p0000-0001.tar",
      "GET .shardmill/plans/p0000-0001.jsonl",
      "LIST",
      // The commit, and just before it whether it is still what is to be made.
      "PUT .shardmill/drafts/toy-p0000-0001~.json",
      "HEAD .shardmill/manifests/toy-p0000-0001.json",
      "PUT toy-p0000-0001.tar",
      "PUT .shardmill/ledger/toy-p0000-0001.jsonl",
      "PUT toy-p0000-0001.tar.idx",
      "PUT dali/toy-p0000-0001.idx",
      "GET .shardmill/plans/p0000.json",
      "HEAD .shardmill/withdrawn.jsonl",
      "PUT .shardmill/manifests/toy-p0000-0001.json",
      "DELETE .shardmill/drafts/toy-p0000-0001~.json",
      // What was withdrawn between that look and the commit.
      "HEAD .shardmill/withdrawn.jsonl",
    ]);
  }));

it("what a dead worker made up to its manifest is committed by the next one, which has the plan, and is not read again", () =>
  withBucket({}, async (store, standIn) => {
    const { tasks, worker, tools } = await planned(store);
    const [first, second] = tasks;
    if (first === undefined || second === undefined) throw new Error("no two shards");
    await millShard(worker, { part, task: first }, tools, signal);
    const other = await toy.context(store);
    standIn.plan = ({ verb, key }) =>
      (verb === "PUT" && key.includes("/manifests/")) || verb === "DELETE"
        ? { kind: "status", status: 403, code: "AccessDenied" }
        : null;
    await expect(millShard(other, { part, task: second }, tools, signal)).rejects.toThrow(/AccessDenied/);
    standIn.plan = () => null;
    let reads = 0;
    toy.onRead = () => {
      reads += 1;
    };
    const ends = await millShard(worker, { part, task: second }, tools, signal);
    expect([ends.map(({ kind }) => kind), reads]).toEqual([["already"], 0]);
    expect([...standIn.objects.all.keys()].filter((key) => key.includes("/drafts/"))).toEqual([]);
  }));

it("a worker that has the plan of before makes nothing by it, and goes by the new one then", () =>
  withBucket({}, async (store, standIn) => {
    const { tasks, worker, tools } = await planned(store);
    const [first, second] = tasks;
    if (first === undefined || second === undefined) throw new Error("no two shards");
    await millShard(worker, { part, task: first }, tools, signal);
    toy.caption("new", "2");
    const after = await toy.context(store);
    expect(await preparePart(after, part, { order: { kind: "stale" }, run: 2 }, signal)).toHaveLength(2);
    await expect(millShard(worker, { part, task: second }, tools, signal)).rejects.toMatchObject({
      code: "record_invalid",
      retry: "later",
    });
    expect([...standIn.objects.all.keys()].filter((key) => key.endsWith("-0001.tar"))).toEqual([]);
    const ends = await millShard(worker, { part, task: second }, tools, signal);
    expect(ends.map(({ kind }) => kind)).toEqual(["committed"]);
    const tar = await store.read(worker.records.paths.tar("toy-p0000-0001"));
    expect(Buffer.from(tar ?? []).toString("latin1")).toContain("new 1");
  }));
