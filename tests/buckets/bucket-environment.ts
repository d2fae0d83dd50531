import { join } from "node:path";
import { type S3StandIn, standInKeys } from "../../packages/store/testing/s3-stand-in/start-s3-stand-in.ts";
import type { MillHouse } from "../faults/mill-house.ts";
import type { HubStandIn } from "../hub-stand-in/index.ts";

/** In which the command line builds from a stand-in of the Hub into one of a bucket, with all of this machine's own below the house. */
export function bucketEnvironment(
  house: MillHouse,
  standIn: S3StandIn,
  hub: Pick<HubStandIn, "endpoint">,
): Record<string, string> {
  return {
    S3_ENDPOINT_URL: standIn.endpoint,
    AWS_ACCESS_KEY_ID: standInKeys.id,
    AWS_SECRET_ACCESS_KEY: standInKeys.secret,
    HF_ENDPOINT: hub.endpoint,
    TMPDIR: house.scratch,
    XDG_STATE_HOME: join(house.scratch, "state"),
  };
}
