import { codes } from "@shardmill/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { StandInMode } from "../../../../packages/store/testing/s3-stand-in/stand-in-objects.ts";
import {
  standInBucket,
  standInKeys,
  startS3StandIn,
} from "../../../../packages/store/testing/s3-stand-in/start-s3-stand-in.ts";
import type { Finding } from "./finding.ts";
import { tryBucketOutput } from "./try-bucket-output.ts";

afterEach(() => void vi.unstubAllEnvs());

async function findingOf(mode: StandInMode, secret: string = standInKeys.id): Promise<Finding> {
  await using standIn = await startS3StandIn(mode);
  vi.stubEnv("S3_ENDPOINT_URL", standIn.endpoint);
  vi.stubEnv("AWS_ACCESS_KEY_ID", secret);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", standInKeys.secret);
  return await tryBucketOutput(`s3://${standInBucket}/out`);
}

describe("doctor's trial of a bucket", () => {
  it("says what the store did, and that builds do not go there yet", async () => {
    const finding = await findingOf({});
    expect(finding).toMatchObject({ level: "warn", path: "s3://toy-bucket/out" });
    expect(finding.what).toMatch(/^objects put on condition, raced for, .* free for files on their way$/);
    expect(finding.remedy).toContain("not there yet");
  });

  it("names what a store lacks, and what to do", async () => {
    expect(await findingOf({ conditions: "ignored" })).toMatchObject({
      level: "fail",
      what: expect.stringContaining("If-None-Match"),
      remedy: codes.output_without_conditions.remedy,
    });
  });

  it("tells of keys that are not known, and no word of theirs", async () => {
    const finding = await findingOf({}, "wrong-key-id");
    expect(finding).toMatchObject({
      level: "fail",
      what: expect.stringContaining("the access key is not known there"),
    });
    expect(JSON.stringify(finding)).not.toMatch(/wrong-key-id|stand-in-/);
  });

  it("refuses keys in an address", async () => {
    const finding = await tryBucketOutput("s3://key:secret@bucket/out");
    expect(finding).toMatchObject({ level: "fail", what: expect.stringContaining("holds no keys") });
    expect(JSON.stringify(finding)).not.toContain("secret@");
  });
});
