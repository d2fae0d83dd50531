import { createHash } from "node:crypto";
import { join } from "node:path";
import { localFileSystem } from "../file-system.ts";
import { openLocalStore } from "../local-store.ts";
import { parseBucketAddress } from "./bucket-address.ts";
import { BucketStore } from "./bucket-store.ts";
import { deskFolder, scratchFolder } from "./machine-folders.ts";
import { type Patience, usualPatience } from "./patience.ts";
import { connectObjects } from "./s3-objects.ts";

interface BucketSettings {
  /** A folder of this machine with room for the shards that are being made. */
  readonly scratch?: string | undefined;
  readonly patience?: Patience;
}

/** Nothing is asked of the bucket yet. */
export async function openBucketStore(address: string, settings: BucketSettings = {}): Promise<BucketStore> {
  const parsed = parseBucketAddress(address);
  const patience = settings.patience ?? usualPatience;
  const scratch = settings.scratch ?? (await scratchFolder());
  // Processes of this machine that work on one output sweep for each other.
  const own = createHash("sha256").update(parsed.text).digest("hex").slice(0, 16);
  return new BucketStore({
    root: parsed.text,
    objects: await connectObjects(parsed, patience),
    patience,
    scratch: await openLocalStore(join(scratch, own), localFileSystem),
    desk: await openLocalStore(join(await deskFolder(scratch), own), localFileSystem),
  });
}
