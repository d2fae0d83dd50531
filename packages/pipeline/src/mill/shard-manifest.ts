import {
  countLines,
  type LedgerLine,
  type Manifest,
  placeOf,
  recordVersion,
  type Toolchain,
} from "@shardmill/core";
import type { ShardWriter } from "@shardmill/shards";
import type { BuildContext } from "../context/build-context.ts";
import type { originOfRange } from "../plan/plan-shards.ts";
import { copiesSamples } from "./laid-out.ts";
import type { ShardOrder } from "./shard-order.ts";
import type { ShardTally } from "./shard-tally.ts";
import { lessLost } from "./without-withdrawn.ts";

export interface Packed {
  readonly order: ShardOrder;
  readonly tally: ShardTally;
  readonly writer: ShardWriter;
  readonly startedAt: number;
}

interface Made {
  readonly lines: readonly LedgerLine[];
  readonly finished: Awaited<ReturnType<ShardWriter["finish"]>>;
  readonly toolchain: Toolchain;
  readonly origin: Awaited<ReturnType<typeof originOfRange>>;
}

/** The record that commits a shard. */
export function manifestOf(
  { build, dataset, source: places, surroundings }: BuildContext,
  { order, tally, startedAt }: Packed,
  { lines, finished, toolchain, origin }: Made,
): Manifest {
  const { plan } = order;
  const source = placeOf(places, plan.pieces[0]);
  const tokens = copiesSamples(build)
    ? lessLost(origin?.tokens, { lost: tally.lost, samples: finished.samples })
    : tally.tokens;
  const now = surroundings.clock.now();
  const pace = tally.pace.figures;
  return {
    version: recordVersion,
    shard: order.shard,
    dataset: dataset.name,
    subset: plan.subset,
    part: plan.part,
    range: order.range,
    supplement: order.supplement,
    first: lines[0]?.position ?? 0,
    last: lines.at(-1)?.position ?? 0,
    contentId: plan.contentId,
    annotationsId: plan.annotationsId,
    recipeHash: plan.recipeHash,
    rangeDigest: order.digest(),
    tar: finished.tar,
    samples: finished.samples,
    frames: finished.frames,
    firstKey: finished.firstKey,
    lastKey: finished.lastKey,
    counts: countLines(lines),
    supersedes: order.supersedes,
    annotationsUsed: tally.annotationsUsed,
    ...(tokens && { tokens }),
    ...(tally.durationMs !== undefined && { durationMs: tally.durationMs }),
    ...(origin && { origin: origin.shard }),
    remarks: tally.remarks.list(),
    toolchain,
    made: {
      source: source.name,
      revision: source.revision,
      worker: surroundings.worker,
      committedAt: new Date(now).toISOString(),
      seconds: (now - startedAt) / 1000,
      bytesRead: tally.bytesRead,
      retriedClips: lines.filter((line) => line.attempt > 1).length,
      ...(pace && { pace }),
    },
  };
}
