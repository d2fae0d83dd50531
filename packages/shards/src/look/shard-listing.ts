import type { FilePlace } from "@shardmill/store";
import { layoutSeen, locatedFrames } from "./frames-of.ts";
import { openShard } from "./open-shard.ts";

/** One row of `inspect SHARD`. */
export interface ListedSample {
  readonly key: string;
  readonly frames: number;
  readonly layout: ReturnType<typeof layoutSeen>;
  /** Data of all members. */
  readonly sizeBytes: number;
  /** As it stands in the shard's JSON; null where there is none or it is no object. */
  readonly metadata: Readonly<Record<string, unknown>> | null;
}

/** The samples of a shard with their metadata; of the frames only the headers are read. */
export async function* shardListing(
  place: FilePlace,
  options: { readonly limit?: number },
  signal: AbortSignal,
): AsyncGenerator<ListedSample> {
  await using shard = await openShard(place);
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  for await (const { key, members } of shard.list(signal)) {
    if (left <= 0) return;
    left -= 1;
    const json = members.find(({ suffix }) => suffix === "json");
    const metadata = json === undefined ? null : objectOf(await shard.read(json));
    yield {
      key,
      frames: locatedFrames(members, metadata).length,
      layout: layoutSeen(members, metadata),
      sizeBytes: members.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      metadata,
    };
  }
}

function objectOf(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
