import { readdir, readFile, rename, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  acquireBuildLock,
  openRecords,
  openStore,
  type Records,
  temporaryName,
  thisProcess,
} from "@shardmill/store";
import { afterEach, describe, expect, it, vi } from "vitest";
import { aBuildRecord, aDataset, aListedPart } from "../../../core/testing/records.ts";
import type { StandInMode } from "../../../store/testing/s3-stand-in/stand-in-objects.ts";
import {
  type S3StandIn,
  standInBucket,
  standInKeys,
  startS3StandIn,
} from "../../../store/testing/s3-stand-in/start-s3-stand-in.ts";
import { commitToy, never, openToy, tempFolder } from "../../testing/make-shard.ts";
import { verifyPath } from "../verify/verify-path.ts";
import { copyOutput } from "./copy-output.ts";

afterEach(() => void vi.unstubAllEnvs());

const shards = ["toy-p0000-0000", "toy-p0000-0001"] as const;
const address = `s3://${standInBucket}/shards`;
const usual = { isSingleWriter: false };

async function toyOutput(root: string): Promise<Records> {
  const { records } = await openToy(root);
  await commitToy(records, shards[0], { from: 0, failed: [1] });
  await commitToy(records, shards[1], { from: 3 });
  await records.writeBuild(aBuildRecord({ dataset: aDataset(), parts: [aListedPart()] }));
  return records;
}

async function withToy(
  mode: StandInMode,
  use: (toy: {
    from: Records;
    to: Records;
    root: string;
    scratch: string;
    standIn: S3StandIn;
  }) => Promise<void>,
): Promise<void> {
  await using standIn = await startS3StandIn(mode);
  await using folder = await tempFolder();
  vi.stubEnv("S3_ENDPOINT_URL", standIn.endpoint);
  vi.stubEnv("AWS_ACCESS_KEY_ID", standInKeys.id);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", standInKeys.secret);
  const root = join(folder.path, "out");
  const from = await toyOutput(root);
  const scratch = join(folder.path, "scratch");
  const to = openRecords(await openStore(address, { scratch }), "toy");
  await use({ from, to, root, scratch, standIn });
}

/** Path -> bytes of all files but the lock's. */
async function filesOf({ store, paths }: Records): Promise<Map<string, string>> {
  const files = (await store.listAll("toy")).filter((stat) => !stat.isFolder);
  const own = files.filter(({ path }) => !path.startsWith(paths.lock));
  return new Map(
    await Promise.all(
      own.map(
        async ({ path }) => [path, Buffer.from((await store.read(path)) ?? []).toString("hex")] as const,
      ),
    ),
  );
}

describe("a copy of an output", () => {
  it("brings each file into a bucket and back, in an order in which none is told of before it is there", async () => {
    await withToy({ pageSize: 5 }, async ({ from, to, root, standIn }) => {
      const result = await copyOutput(from, to, usual, never);
      expect(result).toMatchObject({ thereFiles: 0, shards: 2, leftOut: [] });
      expect(await filesOf(to)).toEqual(await filesOf(from));
      const put = standIn.requests
        .filter(({ verb, key }) => verb === "PUT" && !key.includes("/lock/"))
        .map(({ key }) => key);
      const isManifest = (key: string): boolean => key.includes("/manifests/");
      expect(put.findLastIndex((key) => !isManifest(key) && !key.endsWith("build.json"))).toBeLessThan(
        put.findIndex(isManifest),
      );
      expect(put.at(-1)).toBe("shards/toy/.shardmill/build.json");
      const back = openRecords(await openStore(`${root}-back`), "toy");
      await copyOutput(to, back, usual, never);
      expect(await filesOf(back)).toEqual(await filesOf(from));
    });
  });

  it("is verified where it lies, as in a folder", async () => {
    await withToy({}, async ({ from, to, root }) => {
      await copyOutput(from, to, usual, never);
      const options = { deep: true };
      expect(await verifyPath(`${address}/toy`, options, never)).toEqual(
        await verifyPath(join(root, "toy"), options, never),
      );
      expect(await verifyPath(`${address}/toy/${shards[0]}.tar`, { deep: false }, never)).toMatchObject({
        ok: true,
        samples: 2,
      });
      const tar = (await to.store.read(to.paths.tar(shards[0]))) ?? new Uint8Array();
      await to.store.put(to.paths.tar(shards[0]), tar.slice(0, tar.length - 512));
      expect((await verifyPath(`${address}/toy`, options, never)).problems).toContainEqual(
        expect.objectContaining({ shard: shards[0], code: "size" }),
      );
    });
  });

  it("goes on where it was stopped, and sends nothing that is there", async () => {
    await withToy({}, async ({ from, to, scratch, standIn }) => {
      const stop = new AbortController();
      let ended = 0;
      const onFile = (): void => {
        ended += 1;
        if (ended === 3) stop.abort(new Error("enough"));
      };
      await expect(copyOutput(from, to, { ...usual, onFile }, stop.signal)).rejects.toThrow("enough");
      expect(await to.readBuild()).toBeNull();
      // What a killed copy leaves, in the name of a process that is not there.
      const left = await to.store.createTemp("toy/x.tar");
      await left.sync();
      const dead = temporaryName("x.tar", { ...thisProcess(), pid: 2 ** 22 + 1 });
      const [folder = ""] = await readdir(scratch);
      await rename(join(scratch, folder, left.path), join(scratch, folder, "toy", dead));
      const second = await copyOutput(from, to, usual, never);
      expect(second.thereFiles).toBeGreaterThanOrEqual(3);
      expect(await readdir(join(scratch, folder, "toy"))).not.toContain(dead);
      standIn.requests.length = 0;
      const third = await copyOutput(from, to, usual, never);
      expect(third).toMatchObject({ files: 0, bytes: 0, thereFiles: second.files + second.thereFiles });
      expect(standIn.requests.filter(({ verb, key }) => verb === "PUT" && !key.includes("/lock/"))).toEqual(
        [],
      );
      expect(standIn.requests.filter(({ verb, key }) => verb === "GET" && key.endsWith(".tar"))).toEqual([]);
    });
  });

  it("replaces nothing that is committed there, and takes no damaged tar along", async () => {
    await withToy({}, async ({ from, to, root }) => {
      const { records: other } = await openToy(join(root, "other"));
      await commitToy(other, shards[0], { from: 0, count: 4 });
      await copyOutput(other, to, usual, never);
      const before = await filesOf(to);
      await expect(copyOutput(from, to, usual, never)).rejects.toMatchObject({
        code: "output_conflict",
        message: expect.stringContaining(`the shard ${shards[0]} with other bytes`),
      });
      expect(await filesOf(to)).toEqual(before);
      await to.store.remove("toy");
      const path = join(root, "toy", `${shards[1]}.tar`);
      const bytes = await readFile(path);
      bytes[700] = 255 - (bytes[700] ?? 0);
      await writeFile(path, bytes);
      await expect(copyOutput(from, to, usual, never)).rejects.toMatchObject({ code: "shard_invalid" });
      expect(await to.store.stat(to.paths.tar(shards[1]))).toBeNull();
      expect(await to.listManifests()).toEqual([]);
      await truncate(path, 512);
      await expect(copyOutput(from, to, usual, never)).rejects.toMatchObject({ code: "shard_invalid" });
    });
  });

  it("waits for no build: one that is at work in either place refuses it", async () => {
    await withToy({}, async ({ from, to }) => {
      const there = await acquireBuildLock(to, { build: "x" });
      await expect(copyOutput(from, to, usual, never)).rejects.toMatchObject({ code: "build_locked" });
      await there.release();
      const here = await acquireBuildLock(from, { build: "x" });
      await expect(copyOutput(from, to, usual, never)).rejects.toMatchObject({ code: "build_locked" });
      await here.release();
      expect(await copyOutput(from, to, usual, never)).toMatchObject({ shards: 2 });
    });
  });

  it("leaves out what no manifest commits", async () => {
    await withToy({}, async ({ from, to }) => {
      await from.store.remove(from.paths.manifest(shards[1]));
      expect(await copyOutput(from, to, usual, never)).toMatchObject({ shards: 1, leftOut: [shards[1]] });
      expect([...(await filesOf(to)).keys()].filter((path) => path.includes(shards[1]))).toEqual([]);
    });
  });

  it("does without conditions where one writer alone is promised", async () => {
    for (const conditions of ["ignored", "refused"] as const) {
      await withToy({ conditions }, async ({ from, to }) => {
        await copyOutput(from, to, { isSingleWriter: true }, never);
        expect(await filesOf(to)).toEqual(await filesOf(from));
      });
    }
  });
});
