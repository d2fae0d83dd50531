import { resolve } from "node:path";
import { Failure } from "@shardmill/core";
import { openStore, sweepTemporaries, tryBucket } from "@shardmill/store";
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
  if (!isBucketAddress(out)) return;
  const isSingleWriter = singleWriter === true;
  const { lacking } = await tryBucket(out, { isSingleWriter });
  if (lacking === null) return;
  const isEnough = !isSingleWriter && (await tryBucket(out, { isSingleWriter: true })).lacking === null;
  throw isEnough ? unlessAlone(lacking) : lacking;
}

/** For a copy, which does without conditions where it is the only writer. */
export async function mustKeepConditions(place: string): Promise<void> {
  const { lacking } = await tryBucket(place);
  if (lacking !== null) throw unlessAlone(lacking);
}

function unlessAlone({ code, message }: Failure): Failure {
  const unless = "with --single-writer it is taken, as long as nothing else writes there";
  return new Failure(code, `${message}; ${unless}`, { retry: "never" });
}

/** What killed workers of this machine left of shards that were not sent. */
export async function sweepScratch(out: string): Promise<void> {
  if (!isBucketAddress(out)) return;
  const { machine } = await openStore(out);
  for (const dataset of await machine.listFolders("")) await sweepTemporaries(machine, dataset);
}
