import { createHash } from "node:crypto";
import { openRecords, type Records, recordText, type Store } from "@shardmill/store";
import { afterEach, expect, it, vi } from "vitest";
import { aBuildRecord, aListedPart, aManifest, aPlan, aRange } from "../../../core/testing/records.ts";
import { withBucket } from "../../../store/testing/bucket.ts";
import type { S3StandIn } from "../../../store/testing/s3-stand-in/start-s3-stand-in.ts";
import { noQueue, readStatus } from "./read-status.ts";

afterEach(() => void vi.unstubAllEnvs());

/** A hundredth of them is a page of a listing: as many requests as of ten thousand in pages of a thousand. */
const shards = 1_000;
const pageSize = 100;

function hash(kind: "md5" | "sha256", bytes: string): string {
  return createHash(kind).update(bytes).digest("hex");
}

/** An output as a build leaves it there, put where the objects lie. */
function lay({ objects }: S3StandIn, { paths }: Records, shards: number): void {
  const put = (path: string, text: string, metadata = {}): void =>
    void objects.put(`out/put/${path}`, Buffer.from(text), metadata);
  const ranges = Array.from({ length: shards }, (_, range) =>
    aRange({ range, first: 2 * range, last: 2 * range + 1 }),
  );
  const part = { subset: null, part: 0 };
  put(paths.plan(part), recordText(aPlan({ ranges, members: 2 * shards })));
  for (const { range, shard, first, last } of ranges) {
    const tar = `tar ${String(range).padStart(5, "0")}`;
    const sha256 = hash("sha256", tar);
    const counts = { members: 2, packed: 2, failed: 0, skipped: 0, byCode: {} };
    const made = { bytes: tar.length, sha256, md5: hash("md5", tar) };
    const names = { firstKey: `${first}`, lastKey: `${last}` };
    const manifest = aManifest({ shard, range, first, last, tar: made, samples: 2, counts, ...names });
    put(paths.manifest(shard), recordText(manifest));
    put(paths.tar(shard), tar, { "x-amz-meta-shardmill-sha256": sha256 });
    put(paths.energonIndex(shard), "index");
    put(paths.plannedMembers(part, range), "{}\n");
  }
}

/** As a command of its own does: nothing is known but what lies in the scratch folder. */
async function status(store: Store, standIn: S3StandIn) {
  standIn.requests.length = 0;
  const build = aBuildRecord({ parts: [aListedPart({ part: 0, archive: "zip" })] });
  const told = await readStatus(openRecords(store, "toy"), build, noQueue);
  return { done: told.parts[0]?.shards.done, samples: told.totals.samples, asked: standIn.requests.length };
}

it("of ten thousand shards in a bucket are read by forty-five requests once they have been read on this machine", () =>
  withBucket({ pageSize }, async (store, standIn) => {
    const records = openRecords(store, "toy");
    const { paths } = records;
    lay(standIn, records, shards);
    const cold = await status(store, standIn);
    expect(cold).toMatchObject({ done: shards, samples: 2 * shards });
    expect(cold.asked).toBeGreaterThan(shards);
    const warm = await status(store, standIn);
    expect(warm).toMatchObject({ done: shards, samples: 2 * shards });
    expect(warm.asked).toBeLessThanOrEqual(45);

    // What became of them since is seen: a tar that is gone, one of other bytes, a manifest of other ones, one that is gone.
    const at = (range: number): string => aRange({ range }).shard;
    await store.remove(paths.tar(at(1)));
    await store.put(paths.tar(at(2)), "tar 0000x");
    const other = await records.readManifest(at(3));
    if (other.kind !== "ok") throw new Error("no manifest");
    await store.put(paths.manifest(at(3)), recordText({ ...other.value, samples: 1 }));
    await store.remove(paths.manifest(at(4)));
    const changed = await status(store, standIn);
    expect(changed).toMatchObject({ done: shards - 3, samples: 2 * shards - 7 });
    expect(changed.asked).toBeLessThanOrEqual(50);

    // What was kept is only what was read: lost or damaged, it is read again.
    const kept = `.kept/${paths.manifests}.jsonl`;
    const lines = Buffer.from((await store.machine.read(kept)) ?? [])
      .toString()
      .split("\n");
    expect(lines.length).toBe(shards);
    await store.machine.put(kept, `${lines[0]}\n${lines[1]?.slice(0, -20)}\n[1,2]\n${lines[5]}\n`);
    const again = await status(store, standIn);
    expect(again).toMatchObject({ done: shards - 3, samples: 2 * shards - 7 });
    expect(again.asked).toBeGreaterThan(shards - 10);
  }));

it("of a bucket whose tags are no hashes are the same, by what is kept beside each tar", () =>
  withBucket({}, async (store, standIn) => {
    const records = openRecords(store, "toy");
    lay(standIn, records, 20);
    for (const [key, object] of standIn.objects.all)
      standIn.objects.all.set(key, { ...object, etag: `"${hash("md5", key)}-1"` });
    const first = records.paths.tar(aRange({ range: 0 }).shard);
    expect(await status(store, standIn)).toMatchObject({ done: 20, samples: 40 });
    await store.put(first, "tar 0000x");
    expect(await status(store, standIn)).toMatchObject({ done: 19, samples: 38 });
  }));
