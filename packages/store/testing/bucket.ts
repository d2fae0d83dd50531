import { join } from "node:path";
import { vi } from "vitest";
import type { BucketStore } from "../src/bucket/bucket-store.ts";
import { openBucketStore } from "../src/bucket/open-bucket-store.ts";
import type { Patience } from "../src/bucket/patience.ts";
import { type BucketTrial, tryBucket } from "../src/bucket/try-bucket.ts";
import type { StandInMode } from "./s3-stand-in/stand-in-objects.ts";
import {
  type S3StandIn,
  standInBucket,
  standInKeys,
  startS3StandIn,
} from "./s3-stand-in/start-s3-stand-in.ts";
import { tempFolder } from "./temp-folder.ts";

/** No wait is worth it in a test. */
export const brief: Patience = { attempts: 10, firstBackoffMs: 1, idleMs: 30_000 };

/** The environment in which the client finds the stand-in, until `vi.unstubAllEnvs`. */
function standInEnvironment({ endpoint }: S3StandIn): void {
  vi.stubEnv("S3_ENDPOINT_URL", endpoint);
  vi.stubEnv("AWS_ACCESS_KEY_ID", standInKeys.id);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", standInKeys.secret);
}

/** A store in a stand-in of its own. */
export async function withBucket(
  mode: StandInMode,
  use: (store: BucketStore, standIn: S3StandIn) => Promise<void>,
  patience: Patience = brief,
): Promise<void> {
  await using standIn = await startS3StandIn(mode);
  await using folder = await tempFolder();
  standInEnvironment(standIn);
  vi.stubEnv("XDG_STATE_HOME", join(folder.path, "state"));
  const settings = { scratch: join(folder.path, "scratch"), patience };
  await use(await openBucketStore(`s3://${standInBucket}/out/put`, settings), standIn);
}

/** The trial of a stand-in of its own. */
export async function trialOf(
  mode: StandInMode,
  use: (
    trial: (settings?: { readonly isSingleWriter?: boolean }) => Promise<BucketTrial>,
    standIn: S3StandIn,
  ) => Promise<void>,
): Promise<void> {
  await using standIn = await startS3StandIn(mode);
  standInEnvironment(standIn);
  const address = `s3://${standInBucket}/out/put`;
  await use((settings) => tryBucket(address, { patience: brief, ...settings }), standIn);
}
