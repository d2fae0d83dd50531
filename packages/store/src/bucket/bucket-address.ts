import { Failure } from "@shardmill/core";

/** Where in which bucket an output lies: `s3://bucket/prefix`. */
export interface BucketAddress {
  readonly bucket: string;
  /** Without slashes at its ends; empty for the whole bucket. */
  readonly prefix: string;
  /** As it is told to the user. */
  readonly text: string;
}

/** Whether an `--out` is meant as an address, right or wrong, and not as a folder. */
export function isBucketAddress(out: string): boolean {
  return /^s3:/i.test(out);
}

export function parseBucketAddress(out: string): BucketAddress {
  const [, authority = "", rest = ""] = /^s3:\/\/([^/]*)(.*)$/i.exec(out) ?? [];
  if (authority.includes("@")) {
    // Not repeated: what stands before the @ is a secret.
    throw wrong(
      "an address of a bucket holds no keys: give them in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    );
  }
  const prefix = rest.replace(/^\/+|\/+$/g, "");
  const isBucket = /^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/.test(authority);
  const parts = prefix === "" ? [] : prefix.split("/");
  const isInside = parts.every((part) => part !== "" && part !== "." && part !== "..");
  if (!isBucket || !isInside || /[?#\p{Cc}]/u.test(prefix))
    throw wrong(`expected s3://bucket/prefix, found ${JSON.stringify(out)}`);
  return {
    bucket: authority,
    prefix,
    text: prefix === "" ? `s3://${authority}` : `s3://${authority}/${prefix}`,
  };
}

function wrong(message: string): Failure {
  return new Failure("wrong_use", message);
}
