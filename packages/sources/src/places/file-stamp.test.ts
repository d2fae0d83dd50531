import { mkdtemp, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { settledStamp, stampOf } from "./file-stamp.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "shardmill-stamp-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("the stamp of a file that was changed within a tick of the clock is not trusted, whatever its own time says", async () => {
  const path = join(folder, "file");
  await writeFile(path, "one");
  await utimes(path, 1_000_000_000, 1_000_000_000);
  const stats = await stat(path, { bigint: true });
  const changedMs = Number(stats.ctimeNs / 1_000_000n);
  expect(settledStamp(stats, changedMs)).toBeNull();
  expect(settledStamp(stats, changedMs + 10_000)).toBe(stampOf(stats));
  // A clock that counts in seconds says so by its round figures.
  const coarse = Object.assign(Object.create(stats), { ctimeNs: 1_700_000_000_000_000_000n });
  expect(settledStamp(coarse, 1_700_000_001_000)).toBeNull();
  expect(settledStamp(coarse, 1_700_000_003_000)).not.toBeNull();
});

it("another file of the same size and times has another stamp", async () => {
  for (const name of ["a", "b"]) {
    await writeFile(join(folder, name), "same");
    await utimes(join(folder, name), 1_000_000_000, 1_000_000_000);
  }
  const [a, b] = await Promise.all(["a", "b"].map((name) => stat(join(folder, name), { bigint: true })));
  expect(a?.mtimeNs).toBe(b?.mtimeNs);
  expect(a && stampOf(a)).not.toBe(b && stampOf(b));
});
