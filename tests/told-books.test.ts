import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { catalogueDataset, writeOutput } from "../apps/api/testing/write-output.ts";
import { shardmill } from "./support/shardmill.ts";

let root: string;
afterEach(() => rm(root, { recursive: true, force: true }));

it.each([
  ["done", "25 members = 25 packed + 0 failed + 0 skipped; "],
  ["partial", "25 members = 20 packed + 0 failed + 0 skipped + 5 to do; 1 part not done; "],
  // Every shard is there, and the part is not done all the same.
  ["stale", "25 members = 25 packed + 0 failed + 0 skipped; 1 part not done; "],
  ["missing", "0 members = 0 packed + 0 failed + 0 skipped; 1 part not done; "],
] as const)("the books of a part that is %s are told against its plan", async (kind, line) => {
  root = await mkdtemp(join(tmpdir(), "shardmill-status-"));
  const dataset = await catalogueDataset("openvid-1m");
  const parts = [
    { part: 0, kind, members: 25 },
    { part: 1, kind: "missing" as const },
  ];
  await writeOutput({ root, dataset, samplesPerShard: 10, asked: [0], parts });
  const { stdout } = await shardmill(["status", "openvid-1m", "--out", root]);
  expect(stdout).toContain(line);
});
