import { afterEach, describe, expect, it, vi } from "vitest";
import { withBucket } from "../testing/bucket.ts";
import { manifestNamed } from "../testing/records.ts";
import { tempFolder } from "../testing/temp-folder.ts";
import { openRecords } from "./open-records.ts";
import { openStore } from "./open-store.ts";
import type { Records } from "./records.ts";
import { sweepOrphans } from "./sweep-orphans.ts";

afterEach(() => void vi.unstubAllEnvs());

const { signal } = new AbortController();
/** When nothing that is there now is young any more. */
const later = (): number => Date.now() + 2 * 3_600_000;
const shard = (range: number): string => `toy-p0000-000${range}`;

/** Of shard 0 all is there; 1 says that it has no tar; 2 has none but its tar; 3 has a draft; the manifest of 4 is damaged. */
async function lay({ store, paths, ...records }: Records & { dataset: string }): Promise<void> {
  for (const range of [0, 1, 2, 3, 4])
    for (const path of [paths.tar, paths.energonIndex, paths.daliIndex])
      await store.put(path(shard(range)), "x");
  await store.put(paths.manifest(shard(0)), JSON.stringify(manifestNamed(shard(0), 0, 0)));
  const empty = {
    ...manifestNamed(shard(1), 0, 1),
    tar: null,
    samples: 0,
    frames: 0,
    firstKey: null,
    lastKey: null,
  };
  const counts = { members: 1000, packed: 0, failed: 1000, skipped: 0, byCode: { decode_error: 1000 } };
  await store.put(paths.manifest(shard(1)), JSON.stringify({ ...empty, counts }));
  await store.put(paths.manifest(shard(4)), "{");
  for (const path of ["toy-of-somebody.tar", "toy-old/toy-p0000-0002.tar", "toy-2024.tar"])
    await store.put(`${records.dataset}/${path}`, "x");
}

describe("what lies under the names of shards and is of none", () => {
  it("is taken from a bucket, and never what somebody may finish, or what cannot be judged", () =>
    withBucket({}, async (store) => {
      const records = openRecords(store, "toy");
      await lay(records);
      await store.put(records.paths.draft(shard(3), "made"), "{}");
      const of = (range: number): string[] => {
        const { tar, energonIndex, daliIndex } = records.paths;
        return [tar, energonIndex, daliIndex].map((path) => path(shard(range)));
      };
      // A tar that has just been put there may be of somebody who is about to commit it.
      expect(await sweepOrphans(records, signal)).toEqual([]);
      const before = (await store.listAll("toy")).filter(({ isFolder }) => !isFolder);
      expect((await sweepOrphans(records, signal, later())).sort()).toEqual([...of(1), ...of(2)].sort());
      const left = (await store.listAll("toy")).filter(({ isFolder }) => !isFolder).map(({ path }) => path);
      expect(left).toEqual(
        before.map(({ path }) => path).filter((path) => ![...of(1), ...of(2)].includes(path)),
      );
      expect(await sweepOrphans(records, signal, later())).toEqual([]);
    }));

  it("is left to somebody who has begun with it since the listing", () =>
    withBucket({}, async (store, standIn) => {
      const records = openRecords(store, "toy");
      await lay(records);
      let listed = 0;
      // Its draft comes when all has been listed: before the last look.
      standIn.plan = ({ verb, key }) => {
        if (verb === "LIST") listed += 1;
        if (verb === "HEAD" && key.includes(shard(2)) && listed > 0)
          standIn.objects.put(`out/put/${records.paths.draft(shard(2), "late")}`, Buffer.from("{}"), {});
        return null;
      };
      expect(await sweepOrphans(records, signal, later())).not.toContain(records.paths.tar(shard(2)));
      expect(await store.stat(records.paths.tar(shard(2)))).not.toBeNull();
    }));

  it("is taken from a folder where a manifest says so, and nothing else", async () => {
    await using folder = await tempFolder();
    const store = await openStore(folder.path);
    const records = openRecords(store, "toy");
    await lay(records);
    const { tar, energonIndex, daliIndex } = records.paths;
    const gone = [tar, energonIndex, daliIndex].map((path) => path(shard(1)));
    expect((await sweepOrphans(records, signal, later())).sort()).toEqual(gone.sort());
    expect(await store.stat(tar(shard(2)))).not.toBeNull();
  });
});
