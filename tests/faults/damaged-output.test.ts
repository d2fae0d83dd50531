import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { tarIdentities } from "../support/read-shards.ts";
import { shardmill, shardmillJson } from "../support/shardmill.ts";
import { MillHouse } from "./mill-house.ts";

/** What a disk, a copy or a person may do to a finished output, and what brings it back. */
let house: MillHouse;
let finished: string;
let out: string;

const shardOf = (range: number) => `openvid-1m-p0072-${String(range).padStart(4, "0")}`;
const tarOf = (range: number) => join(house.folder(out), `${shardOf(range)}.tar`);
const ledgerOf = (range: number) => join(house.folder(out), ".shardmill/ledger", `${shardOf(range)}.jsonl`);
const manifestOf = (range: number) =>
  join(house.folder(out), ".shardmill/manifests", `${shardOf(range)}.json`);
const environment = () => ({ HF_ENDPOINT: house.quick.endpoint });
const retry = (...args: string[]) => shardmill(["retry", "openvid-1m", "--out", out, ...args], environment());

beforeAll(async () => {
  house = await MillHouse.open({ parts: [72], each: 14, samplesPerShard: 2, seconds: 3 });
  finished = house.newOut();
  await house.finish(finished);
});
beforeEach(async () => {
  out = house.newOut();
  await cp(finished, out, { recursive: true, preserveTimestamps: true });
});
afterAll(() => house.close());

const identities = () => tarIdentities(house.folder(out));

function flipBit(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

function firstLineTellsOf(ledger: string, position: number): void {
  const text = readFileSync(ledger, "utf8");
  writeFileSync(ledger, text.replace(/"position":\d+/, `"position":${position}`));
}

/** What happens to the shard of which range, and what verify calls it. */
const damages: readonly (readonly [range: number, code: string, damage: () => void])[] = [
  [0, "sha256", () => flipBit(tarOf(0), 5000)],
  [1, "size", () => truncateSync(tarOf(1), 10_240)],
  [2, "tar_missing", () => rmSync(tarOf(2))],
  [3, "record_invalid", () => writeFileSync(ledgerOf(3), '{"pos')],
  [4, "ledger", () => rmSync(ledgerOf(4))],
  [5, "record_invalid", () => truncateSync(manifestOf(5), 100)],
  // The sums are right, and one member has two lines, another none.
  [6, "positions", () => firstLineTellsOf(ledgerOf(6), 3)],
];

describe("damaged shards", () => {
  it("are found by verify, each by what happened to it, and made again alone by retry --corrupt", async () => {
    const before = identities();
    for (const [, , damage] of damages) damage();
    const verdict = await house.verify(out);
    const found = new Set(verdict.problems.map(({ shard, code }) => `${shard} ${code}`));
    for (const [range, code] of damages) expect(found).toContain(`${shardOf(range)} ${code}`);
    const victims = new Set(damages.map(([range]) => shardOf(range)));
    expect(new Set(verdict.problems.flatMap(({ shard }) => shard ?? []))).toEqual(victims);
    const dry = await shardmillJson<{ items: { label: string; shards: number }[] }>(
      ["retry", "openvid-1m", "--out", out, "--corrupt", "--dry-run"],
      environment(),
    );
    expect(dry.items).toMatchObject([{ label: "p0072", shards: damages.length }]);
    const ended = await retry("--corrupt");
    expect(ended.code, ended.stderr).toBe(1);
    const after = identities();
    const touched = Object.keys(before).filter((tar) => after[tar] !== before[tar]);
    expect(new Set(touched.map((tar) => tar.slice(0, -".tar".length)))).toEqual(victims);
    await house.expectAsIfNothingHappened(out);
    expect((await retry("--corrupt")).stdout).toMatch(/Nothing to do/);
  });

  it("that a look shows (a manifest cut short, a tar deleted) are made again by a plain build, too", async () => {
    truncateSync(manifestOf(1), 100);
    rmSync(tarOf(3));
    const before = identities();
    await house.finish(out);
    const after = identities();
    expect(Object.keys(before).filter((tar) => after[tar] !== before[tar])).toEqual([
      "openvid-1m-p0072-0001.tar",
    ]);
    await house.expectAsIfNothingHappened(out);
  });
});

describe("an output path", () => {
  it("under a regular file is refused in one line", async () => {
    const file = join(house.scratch, "a-file");
    writeFileSync(file, "not a folder");
    for (const path of [file, join(file, "below")]) {
      const ended = await shardmill(["build", "openvid-1m", "--parts", "72", "--out", path], environment());
      expect(ended.code, ended.stderr).toBe(3);
      expect(ended.stderr.trim().split("\n").at(-1)).toMatch(/output_unwritable/);
    }
    expect(readFileSync(file, "utf8")).toBe("not a folder");
  });

  it("with a tar that nobody committed has it replaced", async () => {
    const other = house.newOut();
    await mkdir(house.folder(other), { recursive: true });
    const stray = join(house.folder(other), `${shardOf(1)}.tar`);
    writeFileSync(stray, "half a tar of another time");
    await house.finish(other);
    await house.expectAsIfNothingHappened(other);
    expect(existsSync(stray)).toBe(true);
  });
});
