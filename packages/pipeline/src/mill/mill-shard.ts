import {
  type Code,
  countLines,
  Failure,
  type Manifest,
  type PartId,
  type PartPlan,
  partLabel,
  shardName,
  supplementName,
} from "@shardmill/core";
import { commitDraft } from "@shardmill/shards";
import type { Draft } from "@shardmill/store";
import { failedLines } from "../books/failed-lines.ts";
import { isOfPlan, validManifest } from "../books/valid-manifest.ts";
import type { BuildContext } from "../context/build-context.ts";
import type { ShardTask } from "../plan/part-order.ts";
import { RangeDigest } from "../plan/range-digest.ts";
import { streamPositions } from "../stream/member-stream.ts";
import { membersOfRange } from "../stream/members-of-range.ts";
import type { StreamItem } from "../stream/stream-item.ts";
import { streamedMember } from "../stream/streamed-member.ts";
import { knownWithdrawals, readWithdrawals, type WithdrawalsNow } from "../withdrawn/read-withdrawals.ts";
import { millStream } from "./mill-stream.ts";
import { type Milling, type MillTools, packShard, roomOf, type ShardEnd } from "./pack-shard.ts";
import { isStillOfNow } from "./published-as.ts";
import { repairShard } from "./repair-shard.ts";
import { supersededLines } from "./superseded-lines.ts";
import { markedSince } from "./without-withdrawn.ts";

/** Mills what a task names. Returns how each shard of the task stands at the end. */
export async function millShard(
  context: BuildContext,
  { part, task }: { readonly part: PartId; readonly task: ShardTask },
  tools: MillTools,
  signal: AbortSignal,
): Promise<ShardEnd[]> {
  const known = task.kind === "range" ? await knownOfUnbegun(context, part, task.range) : null;
  const plan = known?.plan ?? (await readPlan(context, part));
  const withdrawn = known?.withdrawn ?? (await readWithdrawals(context));
  const milling: Milling = { context, plan, tools, withdrawn, signal };
  switch (task.kind) {
    case "range":
      try {
        return [await millRange(milling, task.range, known !== null)];
      } catch (error) {
        // It may have gone by a plan of before: the next attempt reads it.
        context.records.forgetPlan(part);
        throw error;
      }
    case "stream":
      return millStream(milling);
    case "supplement":
      return [await millSupplement(milling, task)];
    case "repair":
      return repairShard(milling, task.shard);
    default:
      return task satisfies never;
  }
}

interface Known {
  readonly plan: PartPlan | null;
  readonly withdrawn: WithdrawalsNow | null;
}

/**
 * In a bucket each look is a request. Where a shard has no tar, none of it stands and no draft can be finished, and plan and
 * withdrawals are taken as this process knows them: both are looked at before the commit. A shard without samples may stand
 * all the same, and does so at the commit. Null where there is a tar, and in a folder.
 */
async function knownOfUnbegun(context: BuildContext, part: PartId, range: number): Promise<Known | null> {
  const { records, store, dataset } = context;
  if (store.conditional === null) return null;
  const shard = shardName(dataset.name, part, range);
  if ((await store.conditional.look(records.paths.tar(shard))) !== null) return null;
  const plan = records.knownPlan(part);
  const isOfPart = plan?.ranges[range]?.shard === shard;
  return { plan: isOfPart ? plan : null, withdrawn: knownWithdrawals(context) };
}

async function readPlan({ records }: BuildContext, part: PartId): Promise<PartPlan> {
  const plan = await records.readPlan(part);
  if (plan !== null) return plan;
  // Two machines may see a shared folder at slightly different times.
  throw new Failure("record_invalid", `part ${partLabel(part)} has no plan`, {
    where: { part: partLabel(part) },
    retry: "later",
  });
}

/** `isUnbegun`: none of it stands. */
async function millRange(milling: Milling, number: number, isUnbegun: boolean): Promise<ShardEnd> {
  const { context, plan, signal } = milling;
  const range = plan.ranges[number];
  if (range === undefined) {
    throw new Failure("record_invalid", `the plan of ${partLabel(plan)} has no range ${number}`, {
      where: { part: partLabel(plan) },
    });
  }
  const standing = isUnbegun ? null : await validManifest(context.records, plan, range.shard);
  if (standing !== null) return { kind: "already", manifest: standing };
  const { positions, listed } = await membersOfRange(context, plan, number, signal);
  const settled = await supersededLines(milling, range, null);
  const left = settled.length === 0 && !isUnbegun ? await finishedDraft(milling, range) : null;
  if (left !== null) return { kind: "already", manifest: left };
  const taken = new Set(settled.map((line) => line.position));
  const wanted = new Set(positions.filter((position) => !taken.has(position)));
  return packShard(
    milling,
    {
      plan,
      shard: range.shard,
      range: number,
      supplement: null,
      supersedes: null,
      positions,
      settled,
      digest: () => range.digest,
    },
    (stop, onBytes, remarks) =>
      streamPositions({
        context,
        plan,
        positions: wanted,
        listed: listed === null ? null : { range: number, members: listed },
        shard: range.shard,
        onBytes,
        remarks,
        room: roomOf(milling),
        signal: stop,
      }),
  );
}

/**
 * What one that died had made of it, or another that is slow, is not made again; but it may hold what has been withdrawn
 * since.
 */
async function finishedDraft(
  milling: Milling,
  { range, shard }: PartPlan["ranges"][number],
): Promise<Manifest | null> {
  const { context, plan, withdrawn } = milling;
  const { records } = context;
  const isWanted = (draft: Draft): boolean =>
    isOfPlan(draft.manifest, plan) && draft.withdrawn === withdrawn.id;
  const isOfNow = () => isStillOfNow(milling, { plan, shard, range });
  if (!(await commitDraft(records, shard, isWanted, isOfNow))) return null;
  const standing = await validManifest(records, plan, shard);
  return standing === null ? null : markedSince(milling, standing);
}

/**
 * A supplement holds the samples that failed before, tried again; the good shards stay as they are. Its manifest says
 * what its members counted as before, so that the books count them once.
 */
async function millSupplement(
  milling: Milling,
  { number, codes }: { readonly number: number; readonly codes: readonly Code[] },
): Promise<ShardEnd> {
  const { context, plan, signal } = milling;
  const shard = supplementName(context.dataset.name, plan, number);
  const standing = await validManifest(context.records, plan, shard);
  if (standing !== null) return { kind: "already", manifest: standing };
  const before = await failedLines(context, plan, codes, signal);
  const positions = before.map((line) => line.position);
  const digest = new RangeDigest();
  return packShard(
    milling,
    {
      plan,
      shard,
      range: null,
      supplement: number,
      supersedes: countLines(before),
      positions,
      settled: [],
      digest: () => digest.text(),
    },
    (stop, onBytes, remarks) => {
      const wanted = { context, plan, positions: new Set(positions), shard, onBytes, remarks, signal: stop };
      return digested(streamPositions({ ...wanted, room: roomOf(milling) }), digest);
    },
  );
}

/** The items as they are, each added to the digest of them all. */
async function* digested(items: AsyncIterable<StreamItem>, digest: RangeDigest): AsyncGenerator<StreamItem> {
  for await (const item of items) {
    digest.add(streamedMember(item));
    yield item;
  }
}
