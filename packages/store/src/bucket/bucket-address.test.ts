import { describe, expect, it } from "vitest";
import { isBucketAddress, parseBucketAddress } from "./bucket-address.ts";

describe("an address of a bucket", () => {
  it.each([
    ["s3://b-1.x/p/q", { bucket: "b-1.x", prefix: "p/q", text: "s3://b-1.x/p/q" }],
    ["S3://bucket/", { bucket: "bucket", prefix: "", text: "s3://bucket" }],
    ["s3://bucket/a b/ü/", { bucket: "bucket", prefix: "a b/ü", text: "s3://bucket/a b/ü" }],
  ])("%s", (text, parsed) => {
    expect(isBucketAddress(text)).toBe(true);
    expect(parseBucketAddress(text)).toEqual(parsed);
  });

  it.each([
    "s3:bucket",
    "s3:/bucket/p",
    "s3://",
    "s3:///p",
    "s3://b",
    "s3://bucket/../p",
    "s3://bucket/a//b",
    "s3://bucket/a?x=1",
  ])("%s is none, in one line", (text) => {
    expect(isBucketAddress(text)).toBe(true);
    expect(() => parseBucketAddress(text)).toThrow(
      `expected s3://bucket/prefix, found ${JSON.stringify(text)}`,
    );
  });

  it("with keys in it is refused, and not repeated", () => {
    const secret = "wJalrXUtnFEMI";
    try {
      parseBucketAddress(`s3://AKIA:${secret}@bucket/p`);
      expect.unreachable();
    } catch (error) {
      expect(String(error)).toContain("holds no keys");
      expect(String(error)).not.toContain(secret);
    }
  });

  it("is told from a folder", () => {
    for (const text of ["out", "./s3://bucket", "/data/s3", "s3", "C:\\out"])
      expect(isBucketAddress(text)).toBe(false);
  });
});
