import { basename, dirname, resolve } from "node:path";
import { Failure } from "@shardmill/core";
import { isBucketAddress, parseBucketAddress } from "./bucket/bucket-address.ts";

/** Something in a folder or a bucket: the root that a store is opened in, and its name there. */
export interface OutputPlace {
  readonly root: string;
  readonly name: string;
}

/** The place of an output, or of a shard, by its path or its address. */
export function outputPlace(path: string): OutputPlace {
  if (!isBucketAddress(path)) return { root: dirname(resolve(path)), name: basename(resolve(path)) };
  const { bucket, prefix, text } = parseBucketAddress(path);
  if (prefix === "")
    throw new Failure("wrong_use", `${text} is a whole bucket: expected something in it, s3://bucket/prefix`);
  const at = prefix.lastIndexOf("/");
  const above = at < 0 ? "" : `/${prefix.slice(0, at)}`;
  return { root: `s3://${bucket}${above}`, name: prefix.slice(at + 1) };
}
