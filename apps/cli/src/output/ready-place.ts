import { resolve } from "node:path";
import { Failure } from "@shardmill/core";
import { tryBucket } from "@shardmill/store";
import { isBucketAddress } from "@shardmill/store/bucket-address";

/** What a command that writes into an output is told about a bucket. */
export interface PlaceOptions {
  readonly out: string;
  readonly scratch?: string;
  readonly singleWriter?: true;
}

/** From now on, here and in every process that this one starts. */
export function useScratch({ scratch }: Pick<PlaceOptions, "scratch">): void {
  if (scratch !== undefined) process.env.SHARDMILL_SCRATCH = resolve(scratch);
}

/** A bucket is tried before anything is built there. */
export async function readyPlace(options: PlaceOptions): Promise<void> {
  const { out, singleWriter } = options;
  useScratch(options);
  if (isBucketAddress(out) && singleWriter !== true) await mustKeepConditions(out);
}

export async function mustKeepConditions(place: string): Promise<void> {
  const { lacking } = await tryBucket(place);
  if (lacking === null) return;
  const unless = "with --single-writer it is taken, as long as nothing else writes there";
  throw new Failure(lacking.code, `${lacking.message}; ${unless}`, { retry: "never" });
}
