import { createHash } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  type S3StandIn,
  standInBucket,
  startS3StandIn,
} from "../../packages/store/testing/s3-stand-in/start-s3-stand-in.ts";
import { MillHouse } from "../faults/mill-house.ts";
import { shortWaits } from "../faults/short-waits.ts";
import { until } from "../faults/until.ts";
import { startShardmill } from "../support/shardmill.ts";
import { bucketEnvironment } from "./bucket-environment.ts";

/** Keys that a bucket takes no more in the middle of a build end nothing: it waits, and carries on when they are taken again. */
let house: MillHouse;
let standIn: S3StandIn;

beforeAll(async () => {
  house = await MillHouse.open({ parts: [72], each: 6, samplesPerShard: 2, seconds: 4 });
  standIn = await startS3StandIn();
});
afterAll(async () => {
  await standIn?.[Symbol.asyncDispose]();
  await house?.close();
});

it("a build whose keys are refused for a while waits, and makes the bytes of a folder", async () => {
  const build = startShardmill(
    [...house.buildArgs(`s3://${standInBucket}/shards`), "--scratch", join(house.scratch, "scratch")],
    {
      ...shortWaits,
      SHARDMILL_FULL_DISK_MS: "500",
      ...bucketEnvironment(house, standIn, house.slow),
    },
  );
  const committed = (): number =>
    [...standIn.objects.all.keys()].filter((key) => key.includes("/manifests/")).length;
  await until("a shard committed", () => committed() > 0);
  standIn.plan = () => ({ kind: "status", status: 403, code: "ExpiredToken" });
  const before = committed();
  await until("the build waits", () => /\(bucket_refused\)|\(output_away\)/.test(build.stderr()));
  expect(committed()).toBe(before);
  standIn.plan = () => null;
  const ended = await build.ended;
  expect(ended.code, ended.stderr).toBe(1);
  const tars = [...standIn.objects.all].filter(([key]) => key.endsWith(".tar"));
  const hashes = tars.map(([key, { bytes }]) => [
    key.slice(key.lastIndexOf("/") + 1),
    createHash("sha256").update(bytes).digest("hex"),
  ]);
  expect(Object.fromEntries(hashes)).toEqual(house.reference);
  expect(ended.stderr).not.toMatch(/stand-in-/);
});
