import { existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { tarsIn } from "../support/read-shards.ts";
import { shardmill, shardmillJson } from "../support/shardmill.ts";
import { MillHouse } from "./mill-house.ts";

/** What a disk, a copy or a person may do to a finished output, and what brings it back. */
let house: MillHouse;
let finished: string;
let out: string;
vi.setConfig({ testTimeout: 240_000 });

const victim = "openvid-1m-p0072-0001";
const tarOf = (shard = victim) => join(house.folder(out), `${shard}.tar`);
const record = (path: string) => join(house.folder(out), ".shardmill", path);
const environment = () => ({ HF_ENDPOINT: house.quick.endpoint });
const retry = (...args: string[]) => shardmill(["retry", "openvid-1m", "--out", out, ...args], environment());

beforeAll(async () => {
  house = await MillHouse.open({ parts: [72], each: 6, samplesPerShard: 2, seconds: 3 });
  finished = house.newOut();
  await house.finish(finished);
}, 240_000);
beforeEach(async () => {
  out = house.newOut();
  await cp(finished, out, { recursive: true, preserveTimestamps: true });
});
afterAll(() => house.close());

/** Everything but the victim is the very same file as before. */
function identities(): Record<string, number> {
  return Object.fromEntries(
    tarsIn(house.folder(out))
      .filter((tar) => tar !== `${victim}.tar`)
      .map((tar) => [tar, statSync(join(house.folder(out), tar)).ino]),
  );
}

function flipBit(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

describe("a damaged shard", () => {
  it.each<[string, string, () => void]>([
    ["one flipped bit", "sha256", () => flipBit(tarOf(), 5000)],
    ["cut on a member boundary", "size", () => truncateSync(tarOf(), 10_240)],
    ["deleted", "tar_missing", () => rmSync(tarOf())],
    ["its ledger damaged", "record_invalid", () => writeFileSync(record(`ledger/${victim}.jsonl`), '{"pos')],
    ["its ledger gone", "ledger", () => rmSync(record(`ledger/${victim}.jsonl`))],
    ["its manifest truncated", "record_invalid", () => truncateSync(record(`manifests/${victim}.json`), 100)],
  ])("%s: verify finds it (%s), and retry --corrupt makes it alone again", async (_what, code, damage) => {
    damage();
    const others = identities();
    const verdict = await house.verify(out);
    expect(verdict.ok).toBe(false);
    expect(verdict.problems.map((problem) => problem.code)).toContain(code);
    expect(new Set(verdict.problems.map(({ shard }) => shard))).toEqual(new Set([victim]));
    const dry = await shardmillJson<{ items: { label: string; shards: number }[] }>(
      ["retry", "openvid-1m", "--out", out, "--corrupt", "--dry-run"],
      environment(),
    );
    expect(dry.items).toMatchObject([{ label: "p0072", shards: 1 }]);
    const ended = await retry("--corrupt");
    expect(ended.code, ended.stderr).toBe(1);
    expect(identities()).toEqual(others);
    await house.expectAsIfNothingHappened(out);
    expect((await retry("--corrupt")).stdout).toMatch(/Nothing to do/);
  });

  it("with a truncated manifest is missing to a plain build, too, which makes it again", async () => {
    truncateSync(record(`manifests/${victim}.json`), 100);
    const others = identities();
    await house.finish(out);
    expect(identities()).toEqual(others);
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
    const stray = join(house.folder(other), `${victim}.tar`);
    writeFileSync(stray, "half a tar of another time");
    await house.finish(other);
    await house.expectAsIfNothingHappened(other);
    expect(existsSync(stray)).toBe(true);
  });
});
