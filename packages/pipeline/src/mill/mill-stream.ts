import {
  countLines,
  Failure,
  keptOf,
  type Manifest,
  type PartPlan,
  type PlannedMember,
  partLabel,
  RemarkBook,
  shardName,
  sumCounts,
} from "@shardmill/core";
import { validManifest } from "../books/valid-manifest.ts";
import type { BuildContext } from "../context/build-context.ts";
import { beginsNextRange } from "../plan/begins-next-range.ts";
import { digestOf } from "../plan/range-digest.ts";
import { judgedItems } from "../stream/judged-items.ts";
import { Peekable } from "../stream/peekable.ts";
import type { StreamItem } from "../stream/stream-item.ts";
import { streamedMember } from "../stream/streamed-member.ts";
import { type Milling, packShard, type ShardEnd } from "./pack-shard.ts";
import type { ShardOrder } from "./shard-order.ts";
import { supersededLines } from "./superseded-lines.ts";

/**
 * A stream-only part: the archive is streamed once and ranges are cut as it goes (`beginsNextRange`), so that the ledgers
 * of the ranges hold the whole archive. A range is recorded in the plan when its shard commits; after a restart the ranges
 * that stand are passed over without decoding.
 */
export async function millStream(milling: Milling): Promise<ShardEnd[]> {
  const { context, plan, signal } = milling;
  const standing = await standingManifests(context, plan);
  const meter = { onBytes: (_bytes: number): void => undefined };
  const remarks = new RemarkBook();
  const wish = {
    want: (position: number) => !isStanding(plan, standing, position),
    onBytes: (bytes: number) => meter.onBytes(bytes),
    remarks,
  };
  const items = new Peekable(judgedItems(context, plan, wish, signal));
  const ends: ShardEnd[] = [];
  const wanted = keptOf(context.build.recipe, Number.POSITIVE_INFINITY);
  let current = plan;
  try {
    for (let range = 0; ; range += 1) {
      const kept = standing.get(range);
      const known = plan.ranges[range];
      // Of a small build the stream is not read to its end.
      const left = wanted - current.ranges.slice(0, range).reduce((sum, { members }) => sum + members, 0);
      if (known === undefined && range > 0 && left <= 0) break;
      if (kept !== undefined) {
        ends.push({ kind: "already", manifest: kept });
        continue;
      }
      if (known === undefined && range > 0 && (plan.members !== null || (await items.peek()) === null)) break;
      const settled = known === undefined ? [] : await supersededLines(milling, known, null);
      const taken = new Set(settled.map((line) => line.position));
      const slice: Slice = { items, until: known?.last ?? null, left, taken, works: 0, members: [] };
      const order: ShardOrder = {
        plan: current,
        shard: shardName(context.dataset.name, plan, range),
        range,
        supplement: null,
        supersedes: null,
        positions: null,
        settled,
        digest: () => digestAsPlanned(plan, known, slice.members),
      };
      const end = await packShard(milling, order, (_stop, onBytes) => {
        meter.onBytes = onBytes;
        return takeRange(slice, context.build.recipe.samplesPerShard);
      });
      ends.push(end);
      if (known === undefined) current = await recordRange(context, current, end.manifest, slice);
    }
  } finally {
    await items.close();
  }
  if (current.members === null) await close(context, { ...current, remarks: remarks.list() }, ends);
  return ends;
}

function isStanding(plan: PartPlan, standing: ReadonlyMap<number, Manifest>, position: number): boolean {
  return plan.ranges.some((r) => standing.has(r.range) && position >= r.first && position <= r.last);
}

/** What came out of the stream must be what the plan has for this range, where it has it. */
function digestAsPlanned(
  plan: PartPlan,
  known: PartPlan["ranges"][number] | undefined,
  members: readonly PlannedMember[],
): string {
  const digest = digestOf(members);
  if (known === undefined || known.digest === null || known.digest === digest) return digest;
  throw new Failure("source_changed", `the stream gives other members for ${known.shard} than were planned`, {
    where: { dataset: plan.dataset, part: partLabel(plan), shard: known.shard },
  });
}

async function standingManifests({ records }: BuildContext, plan: PartPlan): Promise<Map<number, Manifest>> {
  const standing = new Map<number, Manifest>();
  for (const { range, shard } of plan.ranges) {
    const manifest = await validManifest(records, plan, shard);
    if (manifest !== null) standing.set(range, manifest);
  }
  return standing;
}

/** One range's stretch of the stream, while it is taken. */
interface Slice {
  readonly items: Peekable<StreamItem>;
  readonly until: number | null;
  /** How many of its members may still become samples. */
  readonly left: number;
  /** What a supplement has: passed over. */
  readonly taken: ReadonlySet<number>;
  works: number;
  readonly members: PlannedMember[];
}

/** The items of the next range: up to a known last position, or to where the one behind it begins. */
async function* takeRange(slice: Slice, samplesPerShard: number): AsyncGenerator<StreamItem> {
  for (let next = await slice.items.peek(); next !== null; next = await slice.items.peek()) {
    const isPast =
      slice.until === null
        ? beginsNextRange(next.kind === "work", slice.works, Math.min(samplesPerShard, slice.left))
        : positionOf(next) > slice.until;
    if (isPast) return;
    if (next.kind === "work") slice.works += 1;
    await slice.items.take();
    slice.members.push(streamedMember(next));
    if (!slice.taken.has(positionOf(next))) yield next;
  }
}

function positionOf(item: StreamItem): number {
  return item.kind === "work" ? item.planned.position : item.line.position;
}

async function recordRange(
  context: BuildContext,
  plan: PartPlan,
  manifest: Manifest,
  { works, members }: { readonly works: number; readonly members: readonly PlannedMember[] },
): Promise<PartPlan> {
  const { shard, first, last } = manifest;
  const range = {
    range: plan.ranges.length,
    shard,
    first,
    last,
    members: works,
    startByte: 0,
    endByte: 0,
    digest: digestOf(members),
  };
  const grown = { ...plan, ranges: [...plan.ranges, range] };
  await context.records.appendRange(grown, range.range, members);
  return grown;
}

/**
 * The archive has been seen to its end: now the number of members is known, and what else it holds. Remarks go into the
 * plan and not into a shard's manifest: whoever writes it here saw the whole archive, however often it was begun again.
 */
async function close(context: BuildContext, plan: PartPlan, ends: readonly ShardEnd[]): Promise<void> {
  const { members } = sumCounts(ends.map((end) => end.manifest.counts));
  const annotationsUsed = ends.reduce((sum, end) => sum + end.manifest.annotationsUsed, 0);
  await context.records.writePlan({ ...plan, members, annotationsUsed, leftOut: countLines([]) }, []);
}
