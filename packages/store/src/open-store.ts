import { isBucketAddress } from "./bucket/bucket-address.ts";
import { type FileSystem, localFileSystem } from "./file-system.ts";
import { openLocalStore } from "./local-store.ts";
import type { Store } from "./store.ts";

interface StoreDeps {
  readonly fs?: FileSystem;
  /** Of a bucket: a folder of this machine for what is not sent yet. */
  readonly scratch?: string | undefined;
  /** Likewise: somebody waits for each answer, and is told soon where there is none. */
  readonly isAwaited?: boolean;
}

/** The store in a folder of this machine, or in the bucket that an address such as `s3://bucket/prefix` names. */
export async function openStore(root: string, deps: StoreDeps = {}): Promise<Store> {
  if (!isBucketAddress(root)) return openLocalStore(root, deps.fs ?? localFileSystem);
  const { openBucketStore } = await import("./bucket/open-bucket-store.ts");
  const { briefPatience, usualPatience } = await import("./bucket/patience.ts");
  const patience = deps.isAwaited === true ? briefPatience : usualPatience;
  return openBucketStore(root, { scratch: deps.scratch, patience });
}
