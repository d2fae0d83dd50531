import {
  type Code,
  type Counts,
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
import { collect } from "./collect.ts";
import type { BuildContext } from "./context.ts";
import { streamPositions } from "./member-stream.ts";
import { millStream } from "./mill-stream.ts";
import { type MillTools, packShard, type ShardEnd, type ShardOrder } from "./pack-shard.ts";
import { readPartLines } from "./part-lines.ts";
import { positionsOf } from "./positions-of.ts";

interface Remains {
  readonly shard: string;
  readonly manifest: Manifest | null;
  /** Null when the ledger is damaged, gone, or tells something else than the manifest. */
  readonly lines: readonly LedgerLine[] | null;
}

/**
 * Makes a damaged shard again: exactly what its ledger calls packed (decisions.md 14). Where the ledger itself is no
 * longer to be trusted, all members of the shard are milled anew. The damaged one stays until the new one is committed.
 */
export async function repairShard(
  context: BuildContext,
  plan: PartPlan,
  shard: string,
  tools: MillTools,
  signal: AbortSignal,
): Promise<ShardEnd[]> {
  const remains = await readRemains(context, shard, signal);
  const range = plan.ranges.find((candidate) => candidate.shard === shard)?.range ?? null;
  if (plan.open && range !== null && remains.lines === null) {
    // A stream tells its members only as it goes.
    await context.records.removeShard(shard);
    return millStream(context, plan, tools, signal);
  }
  const order =
    range === null
      ? await supplementOrder(context, plan, remains, signal)
      : await rangeOrder(context, plan, range, remains, signal);
  const settled = new Set(order.settled.map((line) => line.position));
  const wanted = new Set((order.positions ?? []).filter((position) => !settled.has(position)));
  const end = await packShard(
    context,
    { ...order, isRepair: true },
    (stop, onBytes) => streamPositions(context, plan, wanted, onBytes, stop),
    tools,
    signal,
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

async function rangeOrder(
  context: BuildContext,
  plan: PartPlan,
  range: number,
  { shard, lines }: Remains,
  signal: AbortSignal,
): Promise<ShardOrder> {
  const planned = plan.open ? null : await positionsOf(context, plan, range, signal);
  return {
    plan,
    shard,
    range,
    supplement: null,
    supersedes: null,
    positions: planned ?? (lines ?? []).map((line) => line.position),
    settled: (lines ?? []).filter((line) => line.outcome !== "packed"),
  };
}

async function supplementOrder(
  context: BuildContext,
  plan: PartPlan,
  { shard, manifest, lines }: Remains,
  signal: AbortSignal,
): Promise<ShardOrder> {
  const number = supplementNumber(context, plan, shard);
  const before = await readPartLines(context.records, plan, signal, number);
  const superseded = [...before.values()].filter(supersededBy(manifest, lines));
  const supersedes: Counts = manifest?.supersedes ?? countLines(superseded);
  return {
    plan,
    shard,
    range: null,
    supplement: number,
    supersedes,
    positions: superseded.map((line) => line.position).sort((a, b) => a - b),
    settled: (lines ?? []).filter((line) => line.outcome !== "packed"),
  };
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
