import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { shardHashes } from "../support/read-shards.ts";
import { shardmillJson } from "../support/shardmill.ts";
import type { Line, Status, Verdict } from "./mill-house.ts";
import { MixedHouse } from "./mixed-house.ts";

/** Shards that are not the range of a zip: a supplement, and ranges of a stream. Damaged, each alone is made again. */

const supplement = "mixed-p0072-r01";
const streamSupplement = "mixed-p0073-r01";
const ofStream = "mixed-p0073-0001";

let house: MixedHouse;
let out: string;
let copies = 0;

beforeAll(async () => {
  house = await MixedHouse.open();
});
beforeEach(async () => {
  copies += 1;
  out = join(house.scratch, `copy-${copies}`);
  await cp(house.out, out, { recursive: true, preserveTimestamps: true });
});
afterAll(() => house.close());

const tarOf = (shard: string) => join(house.folder(out), `${shard}.tar`);
const ledgerOf = (shard: string) => join(house.folder(out), ".shardmill/ledger", `${shard}.jsonl`);
const manifestOf = (shard: string) => join(house.folder(out), ".shardmill/manifests", `${shard}.json`);
const verify = () => shardmillJson<Verdict>(["verify", house.folder(out)]);

function flipBit(file: string): void {
  const bytes = readFileSync(file);
  bytes[5000] = (bytes[5000] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

/** Tars, indexes, manifests and ledgers of all shards but these, as files: another one in its place has another time. */
function othersThan(shards: readonly string[]): Record<string, string> {
  const folders = [".", ".shardmill/manifests", ".shardmill/ledger", ".shardmill/plans"];
  const files = folders.flatMap((under) =>
    readdirSync(join(house.folder(out), under), { withFileTypes: true })
      .filter((entry) => entry.isFile() && /^mixed-p|^p\d/.test(entry.name))
      .map((entry) => join(under, entry.name)),
  );
  return Object.fromEntries(
    files
      .filter((file) => !shards.some((shard) => file.includes(shard)))
      .map((file) => {
        const { ino, mtimeMs } = statSync(join(house.folder(out), file));
        return [file, `${ino} ${mtimeMs}`];
      }),
  );
}

const lines = (shard: string) => readFileSync(ledgerOf(shard), "utf8");

/** What became of each member; of a first attempt whose record is lost, the details are lost, too. */
const fates = (shard: string) =>
  lines(shard)
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line)
    .map(({ position, outcome, key }) => [position, outcome, key]);

const damages: readonly (readonly [what: string, code: string, damage: (shard: string) => void])[] = [
  ["a flipped bit", "sha256", (shard) => flipBit(tarOf(shard))],
  ["a tar that is gone", "tar_missing", (shard) => rmSync(tarOf(shard))],
  ["a ledger that is gone", "ledger", (shard) => rmSync(ledgerOf(shard))],
  ["a ledger cut short", "record_invalid", (shard) => truncateSync(ledgerOf(shard), 30)],
  [
    "a line of another shard's member",
    "positions",
    (shard) => writeFileSync(ledgerOf(shard), lines(shard).replace(/"position":\d+/, '"position":0')),
  ],
  ["a manifest cut short", "record_invalid", (shard) => truncateSync(manifestOf(shard), 100)],
];

describe("a supplement and a shard of a stream", () => {
  it.each(damages)(
    "with %s are found and made again, byte for byte, and nothing else is touched",
    async (_, code, damage) => {
      const shards = [supplement, ofStream];
      const before = shardHashes(house.folder(out));
      const ledgers = shards.map(fates);
      const others = othersThan(shards);
      for (const shard of shards) damage(shard);
      const { problems } = await verify();
      const found = problems.map((problem) => `${problem.shard} ${problem.code}`);
      for (const shard of shards) expect(found).toContain(`${shard} ${code}`);
      expect(new Set(problems.flatMap(({ shard }) => shard ?? []))).toEqual(new Set(shards));
      const ended = await house.run(["retry", "mixed", "--corrupt", "--out", out]);
      expect(ended.code, ended.stderr + ended.stdout).toBe(1);
      expect(shardHashes(house.folder(out))).toEqual(before);
      expect(othersThan(shards)).toEqual(others);
      expect(shards.map(fates)).toEqual(ledgers);
      expect(await verify()).toMatchObject({ ok: true, problems: [], samples: house.samples });
      const again = await house.run(["retry", "mixed", "--corrupt", "--out", out]);
      expect(again.stdout).toMatch(/Nothing to do/);
    },
  );

  const ranges = [72, 73].flatMap((part) => [0, 1, 2].map((range) => `mixed-p00${part}-000${range}`));
  const expectWhole = async () => {
    expect(await verify()).toMatchObject({ ok: true, problems: [], samples: house.samples });
    const { parts } = await shardmillJson<Status>(["status", "mixed", "--out", out]);
    for (const part of parts)
      expect(part).toMatchObject({ state: "done", members: 10, packed: 8, failed: 1, skipped: 1 });
  };

  it("of a stream is made again as well", async () => {
    const before = shardHashes(house.folder(out));
    flipBit(tarOf(streamSupplement));
    const ended = await house.run(["retry", "mixed", "--corrupt", "--out", out]);
    expect(ended.code, ended.stderr + ended.stdout).toBe(1);
    expect(shardHashes(house.folder(out))).toEqual(before);
    await expectWhole();
  });

  it.each([
    ["ledgers", "--corrupt", ledgerOf],
    ["manifests", "--missing", manifestOf],
  ] as const)("keep what they have when the %s of all ranges are lost", async (_, order, lost) => {
    const before = shardHashes(house.folder(out));
    for (const shard of ranges) rmSync(lost(shard));
    const ended = await house.run(["retry", "mixed", order, "--out", out]);
    expect(ended.code, ended.stderr + ended.stdout).toBe(1);
    expect(shardHashes(house.folder(out))).toEqual(before);
    await expectWhole();
  });

  it("are made again in their order: no sample is there twice, even where no record says what had failed", async () => {
    for (const shard of [supplement, ...ranges.slice(1)]) rmSync(ledgerOf(shard));
    truncateSync(manifestOf(supplement), 100);
    const ended = await house.run(["retry", "mixed", "--corrupt", "--out", out]);
    expect(ended.code, ended.stderr + ended.stdout).toBe(1);
    await expectWhole();
  });
});
