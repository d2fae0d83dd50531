import {
  countLines,
  Failure,
  isBalanced,
  type Manifest,
  type MediaPool,
  type PartPlan,
  type RemarkBook,
  type Semaphore,
  type ShardProgress,
  type TextPool,
  type Toolchain,
} from "@shardmill/core";
import { type CommitResult, openShardWriter } from "@shardmill/shards";
import { isOfPlan } from "../books/valid-manifest.ts";
import type { BuildContext } from "../context/build-context.ts";
import { replanned } from "../plan/of-now.ts";
import { originOfRange } from "../plan/plan-shards.ts";
import { orderedMap } from "../stream/ordered-map.ts";
import type { StreamItem, Work } from "../stream/stream-item.ts";
import type { WithdrawalsNow } from "../withdrawn/read-withdrawals.ts";
import { copiedSample, copiesSamples, laidOut } from "./laid-out.ts";
import { makeSample, type SampleTools } from "./make-sample.ts";
import type { MemberBuffers } from "./member-buffers.ts";
import type { Outcome } from "./outcome.ts";
import type { OutputPlace, OutputSpace } from "./output-space.ts";
import { mustBeAsNow, publishedAs } from "./published-as.ts";
import { poolForShard } from "./remember-images.ts";
import { manifestOf, type Packed } from "./shard-manifest.ts";
import type { ShardOrder } from "./shard-order.ts";
import { ShardTally } from "./shard-tally.ts";
import { tokenizeSample } from "./tokenize-sample.ts";
import { withGroup } from "./with-group.ts";
import { markedSince, withdrawnOutcome, withoutWithdrawn } from "./without-withdrawn.ts";

/** What a mill worker brings to every shard it makes. */
export interface MillTools {
  readonly pool: MediaPool;
  /** With the build's tokenizer; null where its texts stay as they are. */
  readonly texts: TextPool | null;
  /** Member bytes in memory, over all shards that run at the same time in this process. */
  readonly budget: Semaphore;
  /** Room for members, which are used again; without it each has memory of its own. */
  readonly buffers?: MemberBuffers;
  /** Where a shard asks whether its output will fit before it begins; without it none waits. */
  readonly space?: OutputSpace;
  readonly toolchain: Toolchain;
  readonly onProgress: (progress: ShardProgress) => void;
}

/** A part that is being milled: what making any of its shards goes by. */
export interface Milling {
  readonly context: BuildContext;
  readonly plan: PartPlan;
  readonly tools: MillTools;
  /** As it was when this was begun. */
  readonly withdrawn: WithdrawalsNow;
  readonly signal: AbortSignal;
}

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
  milling: Milling,
  order: ShardOrder,
  stream: MemberStream,
): Promise<ShardEnd> {
  const { context, tools, signal } = milling;
  const { dataset, store, records } = context;
  const members = order.positions?.length ?? context.build.recipe.samplesPerShard;
  const place = await tools.space?.enter({ dataset, store, records, shard: order.shard, members }, signal);
  let end: ShardEnd | undefined;
  try {
    const onProgress = told(tools, place, members);
    const pool = poolForShard(tools.pool, dataset.media);
    end = await makeShard({ ...milling, tools: { ...tools, pool, onProgress } }, order, stream);
    return end;
  } finally {
    place?.leave(end?.kind === "committed" ? end.manifest : undefined);
  }
}

function told(tools: MillTools, place: OutputPlace | undefined, members: number): MillTools["onProgress"] {
  return (progress) => {
    place?.progress(Math.min(1, progress.done / Math.max(1, members)));
    tools.onProgress(progress);
  };
}

async function makeShard(milling: Milling, order: ShardOrder, stream: MemberStream): Promise<ShardEnd> {
  const { context, tools, signal } = milling;
  const startedAt = context.surroundings.clock.now();
  const tally = new ShardTally(order, tools.onProgress, context.surroundings.clock);
  const writer = await openShardWriter(context.store, context.dataset.name, order.shard, {
    records: context.records,
  });
  try {
    const outcomes = orderedMap(
      (stop) => stream(stop, (bytes) => tally.read(bytes), tally.remarks),
      (item, stop) => {
        if (item.kind === "work") tally.begin(item.planned);
        return settle(milling, order.plan, item, stop).finally(() => {
          const bytes = fileOf(item);
          if (bytes !== null) tools.buffers?.giveBack(bytes);
        });
      },
      {
        bytesOf: (item) => bytesOf(item, tools.buffers),
        budget: tools.budget,
        window: windowOf(milling),
        signal,
      },
    );
    for await (const outcome of outcomes) {
      for (const sample of outcome.samples) {
        await writer.add(sample);
        tally.pack(sample);
      }
      tally.add(outcome);
    }
    return await publish(milling, { order, tally, writer, startedAt });
  } finally {
    await writer.discard();
  }
}

/** Members between reading and writing at once. Texts alone are small, and those who wait share a message to a child. */
function windowOf({ context, tools }: Milling): number {
  return context.dataset.media === "none" ? 128 : Math.max(16, tools.pool.size * 8);
}

/**
 * Where clips are put. What is made of a clip is other bytes than its own, and when it is made, or given up, nobody reads the
 * clip any more: a child that still did has been killed. Pictures are shared among samples, and texts are packed as they are.
 */
export function roomOf({ context, tools }: Milling): ((bytes: number) => Buffer) | undefined {
  const { buffers } = tools;
  return context.dataset.media === "video" && buffers !== undefined
    ? (bytes) => buffers.take(bytes)
    : undefined;
}

function fileOf(item: StreamItem): Uint8Array | null {
  if (item.kind !== "work" || item.streamed.kind !== "member") return null;
  return item.streamed.content.kind === "file" ? item.streamed.content.bytes : null;
}

function bytesOf(item: StreamItem, buffers: MemberBuffers | undefined): number {
  if (item.kind !== "work" || item.streamed.kind !== "member") return 0;
  const bytes = fileOf(item);
  return bytes === null || buffers === undefined ? item.streamed.sizeBytes : buffers.sizeOf(bytes);
}

async function settle(
  milling: Milling,
  plan: PartPlan,
  item: StreamItem,
  signal: AbortSignal,
): Promise<Outcome> {
  if (item.kind === "settled")
    return { samples: [], line: item.line, annotationsUsed: item.annotationsUsed ?? 0, seconds: 0 };
  const met = { ...item, plan };
  return (
    withdrawnOutcome(milling, met) ??
    withoutWithdrawn(milling, met, await outcomeOf(milling, plan, item, signal))
  );
}

async function outcomeOf(
  { context, tools }: Milling,
  plan: PartPlan,
  item: Work,
  signal: AbortSignal,
): Promise<Outcome> {
  const make = { pool: tools.pool, texts: tools.texts, signal };
  // Before pictures are laid out: the group of one is told by the picture as it was made.
  const outcome = withGroup(context.dataset, plan, item, await madeOf(context, plan, item, make));
  return laidOut(context.build, outcome);
}

function madeOf(
  context: BuildContext,
  plan: PartPlan,
  item: Work,
  make: SampleTools,
): Outcome | Promise<Outcome> {
  const { planned, streamed } = item;
  if (streamed.kind !== "member" || streamed.content.kind !== "sample")
    return makeSample(context, plan, item, make);
  const { members } = streamed.content;
  return copiesSamples(context.build)
    ? copiedSample(planned, members)
    : tokenizeSample(context, planned, members, make);
}

/** A shard whose members have all come. */
async function publish(milling: Milling, packed: Packed): Promise<ShardEnd> {
  const { context, tools, signal } = milling;
  const { order, tally, writer } = packed;
  const lines = tally.lines(context.dataset.name);
  if (!isBalanced(countLines(lines)))
    throw new Failure("books_unbalanced", `the ledger of ${order.shard} does not balance`, {
      where: { shard: order.shard },
    });
  const finished = await writer.finish(signal);
  // In a bucket it is asked just before the commit, behind what takes its time there: sending the tar.
  if (context.store.conditional === null) await mustBeAsNow(milling, order);
  const made = { lines, finished, toolchain: tools.toolchain, origin: await originOfRange(context, order) };
  const manifest = manifestOf(context, packed, made);
  const end = await published(milling, order, () =>
    writer.publish(manifest, lines, signal, publishedAs(milling, order)),
  );
  // Whoever is asked for its failed samples asks their links again.
  if (order.plan.archive === "urls")
    await context.store.machine.remove(context.records.paths.links(order.shard));
  if (end.kind === "committed") return { kind: "committed", manifest: await markedSince(milling, manifest) };
  if (!isOfPlan(end.committed, order.plan)) throw replanned(order);
  // The web may have answered the twin otherwise: of a URL list, whatever is committed first counts.
  if (end.same || order.plan.archive === "urls") return { kind: "already", manifest: end.committed };
  await mustBeAsNow(milling, order);
  throw new Failure("output_conflict", `${order.shard} is committed with other bytes than this worker made`, {
    where: { shard: order.shard },
  });
}

/** Whoever gives way says what has changed meanwhile. */
async function published(
  milling: Milling,
  order: ShardOrder,
  publish: () => Promise<CommitResult>,
): Promise<CommitResult> {
  try {
    return await publish();
  } catch (error) {
    if (error instanceof Failure && error.code === "record_invalid") await mustBeAsNow(milling, order);
    throw error;
  }
}
