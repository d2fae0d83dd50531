import {
  type Code,
  countLines,
  Failure,
  hashOf,
  isCode,
  type LedgerLine,
  type Manifest,
  type PartPlan,
  partLabel,
  retryableSampleCodes,
  supplementName,
} from "@shardmill/core";
import { standingManifest } from "@shardmill/shards";
import { readPartLines } from "../books/part-lines.ts";
import type { BuildContext } from "../context/build-context.ts";
import { collect } from "../plan/collect.ts";
import { judgedItems } from "../stream/judged-items.ts";
import { streamPositions } from "../stream/member-stream.ts";
import { membersOfRange } from "../stream/members-of-range.ts";
import { type Milling, packShard, roomOf, type ShardEnd } from "./pack-shard.ts";
import type { ShardOrder } from "./shard-order.ts";
import { supersededLines } from "./superseded-lines.ts";

type Range = PartPlan["ranges"][number];

interface Remains {
  readonly shard: string;
  readonly manifest: Manifest | null;
  /** Null when the ledger is damaged, gone, or tells something else than the manifest. */
  readonly lines: readonly LedgerLine[] | null;
}

/**
 * Makes a damaged shard again: exactly what its ledger calls packed. Where the ledger itself is no
 * longer to be trusted, all members of the shard are milled anew, except for those that a supplement took over. The
 * damaged one stays until the new one is committed.
 */
export async function repairShard(milling: Milling, shard: string): Promise<ShardEnd[]> {
  const { context, plan, signal } = milling;
  const range = plan.ranges.find((candidate) => candidate.shard === shard) ?? null;
  const repairs = await standingManifest(context.records, { shard });
  const remains = await ownRemains(milling, range, await readRemains(context, shard, signal));
  const order =
    range === null ? await supplementOrder(milling, remains) : await rangeOrder(milling, range, remains);
  const settled = new Set(order.settled.map((line) => line.position));
  const wanted = new Set((order.positions ?? []).filter((position) => !settled.has(position)));
  const isWanted = (position: number): boolean =>
    range !== null && position >= range.first && position <= range.last && !settled.has(position);
  const end = await packShard(milling, { ...order, repairs }, (stop, onBytes, remarks) =>
    order.positions === null
      ? judgedItems(context, plan, { want: isWanted, onBytes }, stop)
      : streamPositions({
          ...{ context, plan, positions: wanted, shard, onBytes, remarks },
          room: roomOf(milling),
          signal: stop,
        }),
  );
  return [end];
}

async function readRemains({ records }: BuildContext, shard: string, signal: AbortSignal): Promise<Remains> {
  const found = await records.readManifest(shard);
  const manifest = found.kind === "ok" ? found.value : null;
  try {
    const lines = await collect(records.readLedger(shard, signal));
    const agrees = manifest === null || hashOf(countLines(lines)) === hashOf(manifest.counts);
    return { shard, manifest, lines: lines.length > 0 && agrees ? lines : null };
  } catch (error) {
    if (error instanceof Failure && error.code === "record_invalid") return { shard, manifest, lines: null };
    throw error;
  }
}

/** A ledger that tells of other members than those of its range is not to be trusted, even where its sums are right. */
async function ownRemains(
  { context, plan, signal }: Milling,
  range: Range | null,
  remains: Remains,
): Promise<Remains> {
  if (remains.lines === null || range === null) return remains;
  const positions = remains.lines.map((line) => line.position);
  const isOwn = plan.open
    ? positions.every((position, at) => position >= range.first && position > (positions[at - 1] ?? -1)) &&
      (positions.at(-1) ?? 0) <= range.last
    : hashOf(positions) === hashOf((await membersOfRange(context, plan, range.range, signal)).positions);
  return isOwn ? remains : { ...remains, lines: null };
}

async function rangeOrder(
  milling: Milling,
  range: Range,
  { shard, manifest, lines }: Remains,
): Promise<ShardOrder> {
  const { context, plan, signal } = milling;
  // A stream tells its members only as it goes; without a ledger nobody else does.
  const told = lines?.map((line) => line.position) ?? null;
  return {
    plan,
    shard,
    range: range.range,
    supplement: null,
    supersedes: null,
    positions: plan.open ? told : (await membersOfRange(context, plan, range.range, signal)).positions,
    settled:
      lines?.filter((line) => line.outcome !== "packed") ?? (await supersededLines(milling, range, manifest)),
    digest: () => range.digest,
  };
}

async function supplementOrder(
  { context, plan, signal }: Milling,
  { shard, manifest, ...remains }: Remains,
): Promise<ShardOrder> {
  const number = supplementNumber(context, plan, shard);
  const before = await linesBefore(context, plan, number, signal);
  const hadFailed = (line: LedgerLine): boolean => before.get(line.position)?.outcome === "failed";
  const lines = remains.lines?.every(hadFailed) === true ? remains.lines : null;
  const superseded = [...before.values()].filter(supersededBy(manifest, lines));
  return {
    plan,
    shard,
    range: null,
    supplement: number,
    supersedes: countLines(superseded),
    positions: superseded.map((line) => line.position).sort((a, b) => a - b),
    settled: (lines ?? []).filter((line) => line.outcome !== "packed"),
    digest: () => manifest?.rangeDigest ?? null,
  };
}

/**
 * How things stood before a supplement. Its neighbours may be under repair at the same moment: while one of them is not
 * whole, this one waits for its next attempt, for what it is about is told by them.
 */
async function linesBefore(
  context: BuildContext,
  plan: PartPlan,
  number: number,
  signal: AbortSignal,
): Promise<Map<number, LedgerLine>> {
  for (const { shard } of plan.ranges) {
    const { manifest, lines } = await readRemains(context, shard, signal);
    if (manifest === null || (lines === null && manifest.counts.members > 0))
      throw new Failure("record_invalid", `${shard} has to be made again before what was added to it`, {
        where: { dataset: context.dataset.name, part: partLabel(plan), shard },
        retry: "later",
      });
  }
  return readPartLines(context.records, plan, signal, number);
}

/** The members that a supplement is about: its ledger lists them; without it, those of the codes it was made for. */
function supersededBy(
  manifest: Manifest | null,
  lines: readonly LedgerLine[] | null,
): (line: LedgerLine) => boolean {
  if (lines !== null) {
    const positions = new Set(lines.map((line) => line.position));
    return ({ position }) => positions.has(position);
  }
  const said = Object.keys(manifest?.supersedes?.byCode ?? {}).filter((code) => isCode(code));
  const codes: readonly Code[] = said.length > 0 ? said : retryableSampleCodes();
  return ({ outcome, code }) => outcome === "failed" && code !== null && codes.includes(code);
}

function supplementNumber({ dataset }: BuildContext, plan: PartPlan, shard: string): number {
  const number = Number(/-r(\d+)$/.exec(shard)?.[1] ?? 0);
  if (number > 0 && supplementName(dataset.name, plan, number) === shard) return number;
  throw new Failure("record_invalid", `${shard} is no shard of part ${partLabel(plan)}`, {
    where: { dataset: dataset.name, part: partLabel(plan), shard },
  });
}
