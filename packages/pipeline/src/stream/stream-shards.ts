import { createHash } from "node:crypto";
import { Failure, keyOfMember, type PartPlan, partLabel } from "@shardmill/core";
import { openShard } from "@shardmill/shards";
import { originGroups } from "../books/read-groups.ts";
import type { BuildContext } from "../context/build-context.ts";
import { originRecords } from "../context/output-source.ts";
import { type OriginShard, originShardOf } from "../plan/plan-shards.ts";
import type { StreamItem } from "./stream-item.ts";

interface Wanted {
  readonly context: BuildContext;
  readonly plan: PartPlan;
  readonly positions: ReadonlySet<number>;
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** The samples at these positions, out of the shards that the plan names. */
export async function* streamShards(wanted: Wanted): AsyncGenerator<StreamItem> {
  const { context, plan, positions } = wanted;
  for (const { range, first, members } of plan.ranges) {
    const isWanted = Array.from({ length: members }, (_, at) => first + at).some((at) => positions.has(at));
    if (!isWanted) continue;
    const shard = await originShardOf(context, plan, range);
    if (shard !== undefined) yield* samplesOf(wanted, shard, first);
  }
}

async function* samplesOf(
  { context, plan, positions, onBytes, signal }: Wanted,
  { shard, sha256, samples }: OriginShard,
  first: number,
): AsyncGenerator<StreamItem> {
  const { store, build } = context;
  const records = originRecords(store, build.source);
  const path = records.paths.tar(shard);
  const where = { dataset: plan.dataset, part: partLabel(plan), shard, path };
  // What is damaged must not be copied into a shard with a right sha256 of its own.
  if ((await sha256Of(context, path, signal)) !== sha256)
    throw new Failure("archive_malformed", `${path} is not what its manifest says: repair it first`, {
      where,
    });
  const groups = await groupsOf(records, context.dataset, { shard, subset: plan.subset }, signal);
  await using opened = await openShard({ store, path });
  let position = first;
  for await (const { key, members } of opened.list(signal)) {
    if (positions.has(position)) {
      const files: { suffix: string; bytes: Uint8Array }[] = [];
      for (const member of members) files.push({ suffix: member.suffix, bytes: await opened.read(member) });
      const sizeBytes = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
      onBytes(sizeBytes);
      yield {
        kind: "work",
        group: groups.get(keyOfMember(key)),
        planned: { position, name: key, at: {}, records: [] },
        streamed: {
          position,
          name: key,
          kind: "member",
          content: { kind: "sample", members: files },
          sizeBytes,
        },
      };
    }
    position += 1;
  }
  if (position - first !== samples)
    throw new Failure(
      "archive_malformed",
      `${path} has ${position - first} samples, its manifest says ${samples}`,
      {
        where,
      },
    );
}

/** A sample can be copied without them: none where the ledger that tells them is damaged. */
async function groupsOf(...asked: Parameters<typeof originGroups>): Promise<ReadonlyMap<string, string>> {
  try {
    return await originGroups(...asked);
  } catch (error) {
    if (error instanceof Failure && error.code === "record_invalid") return new Map();
    throw error;
  }
}

async function sha256Of({ store }: BuildContext, path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of store.chunks(path, signal)) hash.update(chunk);
  return hash.digest("hex");
}
