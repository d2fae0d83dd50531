import { isBucketAddress } from "./bucket/bucket-address.ts";
import { type FileSystem, localFileSystem } from "./file-system.ts";
import { openLocalStore } from "./local-store.ts";
import type { Store } from "./store.ts";

/** The store in a folder of this machine, or in the bucket that an address such as `s3://bucket/prefix` names. */
export async function openStore(root: string, deps: { readonly fs?: FileSystem } = {}): Promise<Store> {
  if (!isBucketAddress(root)) return openLocalStore(root, deps.fs ?? localFileSystem);
  const { openBucketStore } = await import("./bucket/open-bucket-store.ts");
  return openBucketStore(root);
}
