import {
  addCounts,
  type Counts,
  countLines,
  hashOf,
  isBalanced,
  type LedgerLine,
  type Manifest,
  type PartEnd,
  type PartPlan,
  partLabel,
  sumCounts,
} from "@shardmill/core";
import type { Records } from "@shardmill/store";
import { type PositionsCheck, type ToldOf, toldOf, verifyPositions } from "./verify-positions.ts";
import type { ShardProblem } from "./verify-shard.ts";

/** The ledger of a shard, and what it is held against. */
interface LedgerCheck {
  readonly records: Records;
  readonly manifest: Manifest;
  /** Of the samples in its tar; null where there is none. */
  readonly keys: ReadonlySet<string> | null;
  /** Learns of the ledger's members, where sums agree. */
  readonly told: Map<string, ToldOf>;
  readonly signal: AbortSignal;
}

/** A part's plan, its end, and what the ledgers of its shards tell. */
interface PartCheck extends Omit<PositionsCheck, "leftOut"> {
  /** Null where the part has not ended. */
  readonly end: PartEnd | null;
}

/** Ledger against manifest, and against the keys of the tar: three tellings of the same thing. */
export async function verifyLedger({
  records,
  manifest,
  keys,
  told,
  signal,
}: LedgerCheck): Promise<ShardProblem[]> {
  const lines = await collect(records.readLedger(manifest.shard, signal));
  const problems: ShardProblem[] = [];
  if (hashOf(countLines(lines)) !== hashOf(addCounts(manifest.counts, sumCounts([])))) {
    const said = `${tell(manifest.counts)} in the manifest, ${tell(countLines(lines))} in the ledger`;
    problems.push({ code: "ledger", detail: said });
  } else told.set(manifest.shard, toldOf(lines));
  if (!isBalanced(manifest.counts)) problems.push({ code: "books", detail: tell(manifest.counts) });
  if (!isAscending(lines)) problems.push({ code: "ledger", detail: "the positions do not ascend" });
  const lost = lines.filter(
    (line) => line.outcome === "packed" && (line.key === null || !(keys?.has(line.key) ?? true)),
  );
  for (const line of lost.slice(0, 5)) {
    problems.push({
      code: "ledger",
      detail: `member ${line.position} is packed as ${line.key}, which the tar has not`,
    });
  }
  return problems;
}

/** The books of one part: every planned member has one fate, in the plan or in a shard. */
export async function verifyPart({
  end,
  ...check
}: PartCheck): Promise<{ shard: string | null; problem: ShardProblem }[]> {
  const { records, plan, manifests, signal } = check;
  const found: { shard: string | null; problem: ShardProblem }[] = [];
  const add = (shard: string | null, code: ShardProblem["code"], detail: string): void => {
    found.push({ shard, problem: { code, detail } });
  };
  const leftOutLines = await collect(records.readPlanLedger(plan, signal));
  const leftOut = countLines(leftOutLines);
  if (hashOf(leftOut) !== hashOf(addCounts(plan.leftOut, sumCounts([])))) {
    add(null, "ledger", `the plan left out ${tell(plan.leftOut)}, its ledger has ${tell(leftOut)}`);
  }
  const byShard = new Map(manifests.map((manifest) => [manifest.shard, manifest]));
  for (const range of plan.ranges) {
    const manifest = byShard.get(range.shard);
    if (manifest === undefined) {
      if (end?.state === "done")
        add(range.shard, "manifest_missing", "the part is done, but this range has no manifest");
    } else if ((manifest.rangeDigest ?? null) !== (range.digest ?? null)) {
      add(range.shard, "other_plan", "it was made for another plan of this part; the next build replaces it");
    } else if (!plan.open && manifest.counts.members !== range.members) {
      add(
        range.shard,
        "books",
        `planned ${range.members} members, the manifest has ${manifest.counts.members}`,
      );
    }
  }
  const books = partBooks(plan, manifests);
  if (!isBalanced(books)) add(null, "books", `${partLabel(plan)}: ${tell(books)}`);
  const planned = plan.members;
  if (end?.state === "done" && planned !== null && books.members !== planned) {
    add(null, "books", `${partLabel(plan)} has ${planned} members, ${books.members} have a fate`);
  }
  found.push(...(await verifyPositions({ ...check, leftOut: leftOutLines })));
  return found;
}

/** Part = left out + ranges + what supplements made of members that had failed. */
function partBooks(plan: PartPlan, manifests: readonly Manifest[]): Counts {
  const sum = sumCounts([plan.leftOut, ...manifests.map((manifest) => manifest.counts)]);
  const superseded = sumCounts(
    manifests.flatMap(({ supersedes }) => (supersedes === null ? [] : [supersedes])),
  );
  return {
    members: sum.members - superseded.members,
    packed: sum.packed - superseded.packed,
    failed: sum.failed - superseded.failed,
    skipped: sum.skipped - superseded.skipped,
    byCode: {},
  };
}

function isAscending(lines: readonly LedgerLine[]): boolean {
  return lines.every((line, at) => at === 0 || line.position > (lines[at - 1]?.position ?? -1));
}

function tell({ members, packed, failed, skipped }: Counts): string {
  return `${members} members = ${packed} packed + ${failed} failed + ${skipped} skipped`;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
