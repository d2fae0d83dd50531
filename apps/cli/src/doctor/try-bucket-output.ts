import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { codes } from "@shardmill/core";
import { tryBucket } from "@shardmill/store";
import { bytesText } from "../text/format.ts";
import { type Finding, found, tried } from "./finding.ts";

/** The bucket of an address: what a shard would be committed by, each step tried and looked at. */
export function tryBucketOutput(address: string): Promise<Finding> {
  const remedy =
    "mend what it says: the credentials and AWS_REGION as the AWS SDK takes them, S3_ENDPOINT_URL for other stores";
  return tried("output", remedy, async () => {
    const { address: path, lacking } = await tryBucket(address);
    if (lacking !== null) {
      const own = codes[lacking.code].remedy;
      return found("output", lacking.message, { path, level: "fail", remedy: own });
    }
    const { bavail, bsize } = await statfs(tmpdir());
    const steps = "objects put on condition, raced for, replaced by tag, read by range, listed and removed";
    return found("output", `${steps}; ${bytesText(bavail * bsize)} free for files on their way`, {
      path,
      level: "warn",
      remedy: "builds into a bucket are not there yet: build into a folder, then `shardmill copy` it there",
    });
  });
}
