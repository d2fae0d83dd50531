import { existsSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { Failure } from "@shardmill/core";
import { isBucketAddress, parseBucketAddress } from "./bucket/bucket-address.ts";
import { openStore } from "./open-store.ts";
import type { FilePlace, Store } from "./store.ts";

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

/** A file in its store, which is opened where only its path or its address is known. */
export async function storedFile(
  place: FilePlace,
): Promise<{ readonly store: Store; readonly path: string }> {
  if (typeof place !== "string") return place;
  const { root, name } = outputPlace(place);
  return { store: await openStore(root), path: name };
}

/** Whether a root is there to be looked into. A bucket is: what it holds is told by what is asked of it. */
export function isRootThere(root: string): boolean {
  return isBucketAddress(root) || existsSync(root);
}
