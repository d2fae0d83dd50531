import { createHash } from "node:crypto";
import { open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { peakOf } from "../support/peak-memory.ts";
import { PushHouse, repo } from "./push-house.ts";

/** Shards of 200 MB that take no room on the disk. */
const shardBytes = 200_000_000;
const shards = 3;

let house: PushHouse;
afterEach(() => house.close());

async function enlarge(shard: number): Promise<void> {
  const name = `toy-p0000-000${shard}`;
  const tar = await open(join(house.folder(), `${name}.tar`), "w");
  await tar.write(`shard ${shard}`);
  await tar.truncate(shardBytes);
  await tar.close();
  const hash = createHash("sha256").update(`shard ${shard}`);
  const zeros = Buffer.alloc(1_000_000);
  for (let left = shardBytes - `shard ${shard}`.length; left > 0; left -= zeros.length)
    hash.update(zeros.subarray(0, Math.min(left, zeros.length)));
  const path = join(house.folder(), ".shardmill/manifests", `${name}.json`);
  const manifest = JSON.parse(await readFile(path, "utf8")) as { tar: object };
  manifest.tar = { ...manifest.tar, bytes: shardBytes, sha256: hash.digest("hex") };
  await writeFile(path, JSON.stringify(manifest));
}

it.each([
  ["whole", 1_000_000_000],
  ["in parts of 16 MB", 16_000_000],
])("sends shards of 200 MB %s in less than 100 MiB more than looking at them takes", async (_, partBytes) => {
  house = await PushHouse.open({ partBytes, keptUpToBytes: 1_000 });
  await house.makeOutput(shards);
  for (let shard = 0; shard < shards; shard += 1) await enlarge(shard);
  const args = ["push", house.folder(), repo];
  const look = await peakOf(house.scratch, [...args, "--dry-run"], house.environment());
  const push = await peakOf(house.scratch, args, house.environment());
  expect([look.ended.code, push.ended.code], push.ended.stderr).toEqual([0, 0]);
  expect(
    [...house.hub.written.objects.values()].filter(({ sizeBytes }) => sizeBytes === shardBytes),
  ).toHaveLength(shards);
  expect(push.bytes - look.bytes).toBeLessThan(100 * 1024 * 1024);
});
