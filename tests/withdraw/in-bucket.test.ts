import { createHash } from "node:crypto";
import { hashOf } from "@shardmill/core";
import { finishLeft, planWithdrawal, rewriteShard, shardsHolding, withdraw } from "@shardmill/pipeline";
import { openRecords, type Records, type Store, sweepTemporaries } from "@shardmill/store";
import { afterEach, describe, expect, it, vi } from "vitest";
import { toyStore, writeOutput } from "../../packages/mixes/testing/outputs.ts";
import { dyingAt } from "../../packages/shards/testing/dying-store.ts";
import { withBucket } from "../../packages/store/testing/bucket.ts";
import { knownFaults, troubled } from "../../packages/store/testing/s3-stand-in/s3-faults.ts";

/** A withdrawal from an output in a bucket ends with what it ends with in a folder, wherever one before it was killed. */
afterEach(() => void vi.unstubAllEnvs());

const never = new AbortController().signal;
const dataset = "toy";
const shards = ["toy-p0000-0000", "toy-p0000-0001"];
const gone = ["toy-p0000-000001", "toy-p0000-000003", "toy-p0000-000004"];

async function toy(store: Store): Promise<void> {
  await writeOutput(store, {
    name: dataset,
    shards: [{ positions: [0, 1, 2, 3] }, { positions: [4, 5] }],
  });
  const { paths } = openRecords(store, dataset);
  for (const [at, shard] of shards.entries()) {
    const keys = (at === 0 ? [0, 1, 2, 3] : [4, 5]).map((one) => `toy-p0000-00000${one}`);
    const lines = keys.map((key) => `jpg 512 4 ${key}.000.jpg\n`);
    await store.put(paths.daliIndex(shard), `v1.2 ${keys.length}\n${lines.join("")}`);
  }
}

/** What the command does, but for the lists. */
async function withdrawn(store: Store): Promise<void> {
  const records = openRecords(store, dataset);
  const build = await records.readBuild();
  if (build === null) throw new Error("the toy has no build");
  const output = { records, build };
  await finishLeft(output, never);
  const asked = { keys: new Set(gone), members: new Set<string>(), groups: new Set<string>() };
  const by = { reason: null, by: "me", at: "2026-11-27T00:00:00.000Z" };
  await withdraw(output, await planWithdrawal(output, asked, by, never), never);
  for (const manifest of await shardsHolding(records)) await rewriteShard(output, manifest, "test", never);
}

/** Hashes of all files; of manifests that of what they say, but for who made them when. */
async function content(store: Store): Promise<Record<string, string>> {
  const files = (await store.listAll("")).filter(({ isFolder }) => !isFolder);
  const read = files.map(async ({ path }) => {
    const bytes = Buffer.from((await store.read(path)) ?? []);
    if (!path.includes("/manifests/"))
      return [path, createHash("sha256").update(bytes).digest("hex")] as const;
    const { made: _, ...manifest } = JSON.parse(bytes.toString("utf8")) as Record<string, unknown>;
    return [path, hashOf(manifest)] as const;
  });
  return Object.fromEntries((await Promise.all(read)).sort());
}

async function inFolder(): Promise<Record<string, string>> {
  const { store, remove } = await toyStore();
  await toy(store);
  await withdrawn(store);
  const found = await content(store);
  await remove();
  return found;
}

/** `none`: what lies there counts for nothing. */
async function standing(records: Records, shard: string): Promise<string> {
  const read = await records.readManifest(shard);
  const tar = await records.store.stat(records.paths.tar(shard));
  if (read.kind !== "ok" || read.value.tar?.sha256 !== tar?.sha256) return "none";
  return read.value.withdrawn === undefined ? `${read.value.samples}` : "marked";
}

describe("a withdrawal from an output in a bucket", () => {
  it("leaves what it leaves in a folder, with something wrong with every third request", () =>
    withBucket({ pageSize: 3 }, async (store, standIn) => {
      await toy(store);
      standIn.plan = troubled(Object.values(knownFaults));
      await withdrawn(store);
      standIn.plan = () => null;
      expect(await content(store)).toEqual(await inFolder());
    }));

  // Every third request, so that it takes seconds; where a shard counts for nothing is among them.
  it("dies at any request, and the same once more leaves the same; no shard is ever of both", async () => {
    const expected = await inFolder();
    const seen = new Set<string>();
    for (let deadly = 1, isAtEnd = false; !isAtEnd; deadly += 3)
      await withBucket({}, async (store) => {
        await toy(store);
        const dying = dyingAt(store, deadly);
        await withdrawn(dying.store).catch(() => undefined);
        isAtEnd = !dying.isDead();
        seen.add(await standing(openRecords(store, dataset), shards[0] ?? ""));
        await withdrawn(store);
        await sweepTemporaries(store, dataset);
        expect(await content(store), `request ${deadly}`).toEqual(expected);
      });
    expect([...seen].sort()).toEqual(["2", "4", "marked", "none"]);
  });

  it("leaves alone what another has committed meanwhile, and looks at that", () =>
    withBucket({}, async (store) => {
      await toy(store);
      const records = openRecords(store, dataset);
      const [before] = await records.listManifests();
      if (before === undefined) throw new Error("no manifest");
      const other = { ...before, made: { ...before.made, worker: "another" } };
      expect(await records.changeManifest(before, other)).toBe("changed");
      expect(await records.changeManifest(before, { ...before, samples: 1 })).toBe("another");
      await withdrawn(store);
      expect((await records.listManifests())[0]).toMatchObject({ samples: 2 });
    }));
});
