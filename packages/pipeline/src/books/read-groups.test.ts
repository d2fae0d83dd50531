import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openShardWriter } from "@shardmill/shards";
import { openRecords, openStore, type Records } from "@shardmill/store";
import { afterEach, beforeEach, expect, it } from "vitest";
import { aDataset, aLedgerLine, aLeftOutLine, aManifest, toyHash } from "../../../core/testing/records.ts";
import { readGroups } from "./read-groups.ts";

let root: string;
let records: Records;
const signal = new AbortController().signal;
const keys = ["toy-p0000-000000", "toy-p0000-000001", "toy-p0000-000002"];
const shard = { shard: "toy-p0000-0000", subset: null };

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "shardmill-groups-"));
  const store = await openStore(root);
  records = openRecords(store, "toy");
  const writer = await openShardWriter(store, "toy", shard.shard);
  for (const [at, key] of keys.entries()) {
    const pictures = at === 2 ? ["000.jpg", "001.jpg"] : ["jpg"];
    const files = pictures.map((suffix) => ({ suffix, bytes: Buffer.from(`picture ${at % 2}`) }));
    await writer.add({ key, members: [...files, { suffix: "json", bytes: Buffer.from("{}") }] });
  }
  const { tar, samples, frames, firstKey, lastKey } = await writer.finish(signal);
  const lines = keys.map((key, position) => aLedgerLine({ position, key, member: `row ${position}` }));
  const counts = { members: 4, packed: 3, failed: 0, skipped: 1, byCode: { no_annotation: 1 } };
  const manifest = aManifest({ tar, samples, frames, firstKey, lastKey, counts });
  await writer.publish(manifest, [...lines, aLeftOutLine({ position: 3 })], signal);
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function groupsOf(of: Records, dataset: ReturnType<typeof aDataset>, more = {}): Promise<string[]> {
  const all: string[] = [];
  for await (const { group } of readGroups(of, dataset, { ...shard, ...more }, signal)) all.push(group);
  return all;
}

it("are asked of the pictures where a ledger of earlier does not tell them, of several pictures none", async () => {
  const group = (text: string): string => `img:${createHash("sha256").update(text).digest("hex")}`;
  expect(await groupsOf(records, aDataset({ media: "images" }))).toEqual([
    group("picture 0"),
    group("picture 1"),
    `member:${keys[2]}`,
  ]);
});

it("are asked of the origin by an output that was made of another, whose members are keys", async () => {
  const made = openRecords(records.store, "made");
  await made.writeLedger(
    shard.shard,
    keys.map((key, position) => aLedgerLine({ position, key: `${key}-t0`, member: key })),
  );
  await records.writeLedger(
    shard.shard,
    keys.map((key, position) => aLedgerLine({ position, key, member: `CPLa78IpO90_${position}_0to9.mp4` })),
  );
  const dataset = aDataset({ group: [{ prefix: "yt", names: ["{youtube}_{n}_{n}to{n}"] }] });
  const origin = { dataset: "toy", shard: shard.shard, sha256: toyHash };
  expect(await groupsOf(made, dataset, { origin })).toEqual([
    "yt:CPLa78IpO90",
    "yt:CPLa78IpO90",
    "yt:CPLa78IpO90",
  ]);
});

it("do not silently leave out a sample that the tar has lost", async () => {
  await records.writeLedger(shard.shard, [aLedgerLine({ key: "toy-p0000-000009", member: "row 9" })]);
  await expect(groupsOf(records, aDataset({ media: "images" }))).rejects.toMatchObject({
    code: "shard_invalid",
  });
});
