import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashOf, partLabel } from "@shardmill/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  aBuildRecord,
  aDataset,
  aLedgerLine,
  aListedPart,
  aManifest,
  aPlan,
  aRange,
} from "../../packages/core/testing/records.ts";
import { peakOf } from "../support/peak-memory.ts";

let scratch: string;
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-big-mix-"));
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

/** An output of one part, by its records: shard r has the positions r, r + step, r + 2 step and so on of its stretch. */
interface BigOutput {
  readonly name: string;
  readonly shards: number;
  readonly samples: number;
  readonly offset: number;
  /** Shards that have ledgers. */
  readonly ledgers: number;
}

/** Two outputs of this kind have the even and the odd positions: every stretch overlaps, no key occurs twice. */
async function writeBigOutput(
  out: string,
  { name, shards, samples, offset, ledgers }: BigOutput,
): Promise<void> {
  const part = { subset: null, part: 0 };
  const folder = join(out, name);
  const records = join(folder, ".shardmill");
  for (const below of ["manifests", "plans", "ledger"])
    await mkdir(join(records, below), { recursive: true });
  const put = (path: string, value: unknown): Promise<void> =>
    writeFile(join(records, path), `${JSON.stringify(value)}\n`);
  const key = (position: number): string => `k-p0000-${String(position).padStart(6, "0")}`;
  const shardOf = (range: number): string => `${name}-${partLabel(part)}-${String(range).padStart(4, "0")}`;
  const numbers = Array.from({ length: shards }, (_, range) => range);
  await put(
    "build.json",
    aBuildRecord({ dataset: aDataset({ name, keyPrefix: "k" }), parts: [aListedPart()] }),
  );
  const ranges = numbers.map((range) => aRange({ range, shard: shardOf(range), members: samples }));
  await put("plans/p0000.json", aPlan({ dataset: name, members: shards * samples, ranges }));
  for (const range of numbers) {
    const shard = shardOf(range);
    const positions = (at: number): number => 2 * (range * samples + at) + offset;
    const counts = { members: samples, packed: samples, failed: 0, skipped: 0, byCode: {} };
    await put(
      `manifests/${shard}.json`,
      aManifest({
        ...{ shard, dataset: name, range, samples, frames: samples, counts, durationMs: samples * 1000 },
        tar: { bytes: 3, sha256: hashOf(shard), md5: "b".repeat(32) },
        firstKey: key(positions(0)),
        lastKey: key(positions(samples - 1)),
      }),
    );
    await writeFile(join(folder, `${shard}.tar`), "tar");
    if (range >= ledgers) continue;
    const lines = Array.from({ length: samples }, (_, at) =>
      JSON.stringify(aLedgerLine({ position: positions(at), key: key(positions(at)) })),
    );
    await writeFile(join(records, `ledger/${shard}.jsonl`), `${lines.join("\n")}\n`);
  }
}

/** The most memory that a mix takes of 10,000 shards of so many samples, and of an output whose keys lie between theirs. */
async function peakWith(samples: number): Promise<number> {
  const out = join(scratch, String(samples));
  await writeBigOutput(out, { name: "many", shards: 10_000, samples, offset: 0, ledgers: 60 });
  await writeBigOutput(out, { name: "between", shards: 60, samples, offset: 1, ledgers: 60 });
  const file = join(scratch, "big.yaml");
  await writeFile(file, "title: Big\nsets: [many, between]\n");
  const { ended, bytes } = await peakOf(scratch, ["mix", file, "--out", out]);
  expect(ended.code, ended.stderr).toBe(0);
  expect(ended.stdout).toContain((10_060 * samples).toLocaleString("en-US"));
  return bytes;
}

it("a mix of 10,000 shards takes no more memory for shards of 5,000 samples than for shards of 50", async () => {
  const [few, many] = [await peakWith(50), await peakWith(5_000)];
  // 600,000 lines of ledgers are compared: held, they would be some 300 MB.
  expect(many - few, `${few} and ${many} bytes`).toBeLessThan(120_000_000);
});
