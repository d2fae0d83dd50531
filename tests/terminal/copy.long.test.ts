import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aBuildRecord, aDataset, aListedPart } from "../../packages/core/testing/records.ts";
import { commitToy, openToy } from "../../packages/shards/testing/make-shard.ts";
import {
  type S3StandIn,
  standInBucket,
  standInKeys,
  startS3StandIn,
} from "../../packages/store/testing/s3-stand-in/start-s3-stand-in.ts";
import { shardmill } from "../support/shardmill.ts";

const folder = mkdtempSync(join(tmpdir(), "shardmill-copy-"));
const out = join(folder, "out");
const address = `s3://${standInBucket}/shards`;
let standIn: S3StandIn;

beforeAll(async () => {
  standIn = await startS3StandIn({ pageSize: 3 });
  const { records } = await openToy(out);
  await commitToy(records, "toy-p0000-0000", { from: 0, failed: [1] });
  await records.writeBuild(aBuildRecord({ dataset: aDataset(), parts: [aListedPart()] }));
});

afterAll(async () => {
  await standIn[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const env = {
    S3_ENDPOINT_URL: standIn.endpoint,
    AWS_ACCESS_KEY_ID: standInKeys.id,
    AWS_SECRET_ACCESS_KEY: standInKeys.secret,
    TMPDIR: folder,
  };
  const ended = await shardmill(args, env);
  // Keys, and what the store tells of signatures, are in no line.
  expect(`${ended.stdout}${ended.stderr}`).not.toMatch(/stand-in-/);
  return ended;
}

describe("an output in a bucket", () => {
  it("is copied there and looked at as one in a folder is", async () => {
    const copied = await run("copy", `${out}/toy`, address);
    expect(copied).toMatchObject({ code: 0, stderr: "" });
    expect(copied.stdout).toMatch(
      /^s3:\/\/toy-bucket\/shards\/toy: \d+ files copied, .*; 1 shards\nlook at it again: {2}shardmill verify s3:\/\/toy-bucket\/shards\/toy\n$/,
    );
    const again = JSON.parse((await run("copy", `${out}/toy`, address, "--json")).stdout);
    expect(again).toMatchObject({ files: 0, bytes: 0, shards: 1, leftOut: [] });
    for (const [command, path, ...more] of [
      ["verify", "toy", "--json"],
      ["inspect", "toy/toy-p0000-0000.tar", "toy-p0000-000002", "--json"],
    ] as const) {
      const here = await run(command, `${out}/${path}`, ...more);
      expect(here.stdout).not.toBe("");
      const there = await run(command, `${address}/${path}`, ...more);
      expect({ ...there, stdout: there.stdout.replaceAll(address, out) }).toEqual(here);
    }
    for (const command of ["status", "failures"]) {
      const here = await run(command, "toy", "--json", "--out", out);
      expect(here.stdout).not.toBe("");
      const there = await run(command, "toy", "--json", "--out", address);
      expect({ ...there, stdout: there.stdout.replaceAll(address, out) }).toEqual(here);
    }
    expect((await run("status", "--out", address)).stdout).toMatch(/^toy /m);
  });

  it("is refused in one line where no command works on it yet, and where there is none", async () => {
    const mixed = await run("mix", "stage1", "--out", address);
    expect(mixed).toMatchObject({ code: 2, stdout: "" });
    expect(mixed.stderr).toContain("expected a folder");
    expect(await run("status", "tay", "--out", address)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`there is no build of tay in ${address}; did you mean toy?`),
    });
    expect(await run("copy", `${address}/none`, `${folder}/back`)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`there is no build at ${address}/none`),
    });
    expect(await run("copy", "s3://stand-out:word@bucket/toy", `${folder}/back`)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("holds no keys"),
    });
  });
});
