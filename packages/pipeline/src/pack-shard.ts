import {
  addCounts,
  type ByteBudget,
  type Counts,
  countLines,
  Failure,
  isBalanced,
  type LedgerLine,
  type Manifest,
  type MediaPool,
  type PartPlan,
  type PlannedMember,
  partLabel,
  RemarkBook,
  type Toolchain,
} from "@shardmill/core";
import { openShardWriter, type ShardWriter } from "@shardmill/shards";
import type { BuildContext } from "./context.ts";
import { makeSample, type Outcome, type Work } from "./make-sample.ts";
import { isOfAnotherPlan, mustBeOfNow, replanned } from "./of-now.ts";
import { orderedMap } from "./ordered-map.ts";
import type { OutputRoom, Place } from "./output-room.ts";
import { isOfPlan } from "./valid-manifest.ts";

/** What a mill worker brings to every shard it makes. */
export interface MillTools {
  readonly pool: MediaPool;
  /** Member bytes in memory, over all shards that run at the same time in this process. */
  readonly budget: ByteBudget;
  /** Where a shard asks whether its output will fit before it begins; without it none waits. */
  readonly room?: OutputRoom;
  readonly toolchain: Toolchain;
  readonly onProgress: (progress: ShardProgress) => void;
}

export type ShardProgress = {
  readonly shard: string;
  /** The member that the shard waits for now: of those in work, the first in archive order. */
  readonly member: string | null;
  readonly done: number;
  readonly of: number | null;
  readonly packed: number;
  readonly failed: number;
  readonly frames: number;
  readonly bytesRead: number;
  readonly decodeSeconds: number;
};

/** A shard to be made: which one, and the members that it must account for. */
export interface ShardOrder {
  readonly plan: PartPlan;
  readonly shard: string;
  readonly range: number | null;
  readonly supplement: number | null;
  readonly supersedes: Counts | null;
  /** Positions that must have a line at the end; null when the stream itself says what there is. */
  readonly positions: readonly number[] | null;
  /** Lines that are settled without milling: of an earlier ledger, or of members left out on the way. */
  readonly settled: readonly LedgerLine[];
  /** Of its members, asked for when all have come; null where nobody knows. */
  readonly digest: () => string | null;
  /** The damaged shard of this name goes away just before this one is committed. */
  readonly isRepair?: boolean;
}

/** What a stream of members also yields: the fate of one that never became work. */
export type StreamItem =
  | ({ readonly kind: "work" } & Work)
  | {
      readonly kind: "settled";
      readonly line: LedgerLine;
      readonly by: "archive" | "judge";
      readonly isFolder: boolean;
    };

/** The members of a shard. What is found in them that costs none goes into `remarks`, and so into the manifest. */
export type MemberStream = (
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
  remarks: RemarkBook,
) => AsyncIterable<StreamItem>;

export type ShardEnd = { readonly kind: "committed" | "already"; readonly manifest: Manifest };

/**
 * Mills one shard: members in archive order through the media pool into a tar, with their ledger, published in one
 * step. Whatever happens before that step leaves nothing but a temporary file.
 */
export async function packShard(
  context: BuildContext,
  order: ShardOrder,
  stream: MemberStream,
  tools: MillTools,
  signal: AbortSignal,
): Promise<ShardEnd> {
  const { dataset, store, records } = context;
  const members = order.positions?.length ?? context.build.recipe.samplesPerShard;
  const place = await tools.room?.enter({ dataset, store, records, shard: order.shard, members });
  try {
    return await makeShard(
      context,
      order,
      stream,
      { ...tools, onProgress: told(tools, place, members) },
      signal,
    );
  } finally {
    place?.leave();
  }
}

function told(tools: MillTools, place: Place | undefined, members: number): MillTools["onProgress"] {
  return (progress) => {
    place?.progress(Math.min(1, progress.done / Math.max(1, members)));
    tools.onProgress(progress);
  };
}

async function makeShard(
  context: BuildContext,
  order: ShardOrder,
  stream: MemberStream,
  tools: MillTools,
  signal: AbortSignal,
): Promise<ShardEnd> {
  const startedAt = context.surroundings.clock.now();
  const tally = new Tally(order, tools.onProgress);
  const writer = await openShardWriter(context.store, context.dataset.name, order.shard, {
    records: context.records,
  });
  try {
    const outcomes = orderedMap(
      (stop) => stream(stop, (bytes) => tally.read(bytes), tally.remarks),
      (item, stop) => {
        if (item.kind === "work") tally.begin(item.planned);
        return settle(context, order.plan, item, tools.pool, stop);
      },
      { bytesOf, budget: tools.budget, window: Math.max(16, tools.pool.size * 8), signal },
    );
    for await (const outcome of outcomes) {
      for (const sample of outcome.samples) await writer.add(sample);
      tally.add(outcome);
    }
    return await publish(context, order, tally, writer, tools, startedAt, signal);
  } finally {
    await writer.discard();
  }
}

function bytesOf(item: StreamItem): number {
  return item.kind === "work" && item.streamed.kind === "member" ? item.streamed.sizeBytes : 0;
}

async function settle(
  context: BuildContext,
  plan: PartPlan,
  item: StreamItem,
  pool: MediaPool,
  signal: AbortSignal,
): Promise<Outcome> {
  if (item.kind === "settled") return { samples: [], line: item.line, annotationsUsed: 0, seconds: 0 };
  return makeSample(context, plan, item, pool, signal);
}

async function publish(
  context: BuildContext,
  order: ShardOrder,
  tally: Tally,
  writer: ShardWriter,
  tools: MillTools,
  startedAt: number,
  signal: AbortSignal,
): Promise<ShardEnd> {
  const lines = tally.lines(context.dataset.name);
  const counts = countLines(lines);
  if (!isBalanced(counts))
    throw new Failure("books_unbalanced", `the ledger of ${order.shard} does not balance`, {
      where: { shard: order.shard },
    });
  const finished = await writer.finish(signal);
  const { plan } = order;
  await mustBeOfNow(context, order, signal);
  const manifest: Manifest = {
    version: 1,
    shard: order.shard,
    dataset: context.dataset.name,
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
    counts,
    supersedes: order.supersedes,
    annotationsUsed: tally.annotationsUsed,
    remarks: tally.remarks.list(),
    toolchain: tools.toolchain,
    made: {
      source: context.source.name,
      revision: context.source.revision,
      worker: context.surroundings.worker,
      committedAt: new Date(context.surroundings.clock.now()).toISOString(),
      seconds: (context.surroundings.clock.now() - startedAt) / 1000,
      bytesRead: tally.bytesRead,
      retriedClips: lines.filter((line) => line.attempt > 1).length,
    },
  };
  if (order.isRepair === true || (await isOfAnotherPlan(context, order)))
    await context.records.removeShard(order.shard);
  const end = await writer.publish(manifest, lines, signal);
  if (end.kind === "committed") return { kind: "committed", manifest };
  if (!isOfPlan(end.committed, plan)) throw replanned(order);
  // The web may have answered the twin otherwise: of a URL list, whatever is committed first counts.
  if (end.same || plan.archive === "urls") return { kind: "already", manifest: end.committed };
  throw new Failure("output_conflict", `${order.shard} is committed with other bytes than this worker made`, {
    where: { shard: order.shard },
  });
}

/** Adds up what became of the members of one shard. */
class Tally {
  readonly remarks = new RemarkBook();
  readonly #order: ShardOrder;
  readonly #onProgress: (progress: ShardProgress) => void;
  readonly #lines: LedgerLine[];
  readonly #inWork = new Map<number, string>();
  #counts: Counts;
  #decodeSeconds = 0;
  frames = 0;
  annotationsUsed = 0;
  bytesRead = 0;

  constructor(order: ShardOrder, onProgress: (progress: ShardProgress) => void) {
    this.#order = order;
    this.#onProgress = onProgress;
    this.#lines = [...order.settled];
    this.#counts = countLines(order.settled);
  }

  read(bytes: number): void {
    this.bytesRead += bytes;
  }

  begin({ position, name }: PlannedMember): void {
    this.#inWork.set(position, name);
    if (this.#inWork.size === 1) this.#tell();
  }

  add(outcome: Outcome): void {
    this.#inWork.delete(outcome.line.position);
    this.#lines.push(outcome.line);
    this.#counts = addCounts(this.#counts, countLines([outcome.line]));
    this.#decodeSeconds += outcome.seconds;
    this.frames += outcome.line.frames ?? 0;
    this.annotationsUsed += outcome.annotationsUsed;
    for (const { code, detail } of outcome.remarks ?? [])
      this.remarks.add(code, `${outcome.line.member}: ${detail}`);
    this.#tell();
  }

  #tell(): void {
    const [member = null] = this.#inWork.values();
    this.#onProgress({
      shard: this.#order.shard,
      member,
      done: this.#counts.members,
      of: this.#order.positions?.length ?? null,
      packed: this.#counts.packed,
      failed: this.#counts.failed,
      frames: this.frames,
      bytesRead: this.bytesRead,
      decodeSeconds: this.#decodeSeconds,
    });
  }

  /** In archive order; a planned member without a line means that the archive ended early. */
  lines(dataset: string): LedgerLine[] {
    const lines = this.#lines.toSorted((a, b) => a.position - b.position);
    const positions = this.#order.positions;
    if (positions !== null) {
      const met = new Set(lines.map((line) => line.position));
      const lost = positions.filter((position) => !met.has(position));
      if (lost.length > 0) {
        throw new Failure(
          "archive_truncated",
          `${lost.length} planned members did not come out of the archive`,
          {
            where: { dataset, part: partLabel(this.#order.plan), shard: this.#order.shard },
          },
        );
      }
    }
    return lines;
  }
}
