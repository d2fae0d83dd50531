import { isNumberedThrough, type LedgerLine, type Manifest, type PartPlan } from "@shardmill/core";
import type { Records } from "@shardmill/store";
import type { ShardProblem } from "./verify-shard.ts";

type Found = { readonly shard: string | null; readonly problem: ShardProblem };

/** The members that a shard's ledger tells of, and those of them that failed. */
export interface ToldOf {
  readonly positions: readonly number[];
  readonly failed: ReadonlySet<number>;
}

export function toldOf(lines: readonly LedgerLine[]): ToldOf {
  const failed = lines.filter((line) => line.outcome === "failed");
  return {
    positions: lines.map(({ position }) => position),
    failed: new Set(failed.map(({ position }) => position)),
  };
}

/** A plan, and what the ledgers tell of its members. */
export interface PositionsCheck {
  readonly records: Records;
  readonly plan: PartPlan;
  /** Those of the plan's part. */
  readonly manifests: readonly Manifest[];
  /** By shard; lacks those whose ledger cannot be read or has other sums. */
  readonly told: ReadonlyMap<string, ToldOf>;
  /** What the plan left out. */
  readonly leftOut: readonly LedgerLine[];
  readonly signal: AbortSignal;
}

/**
 * Every member has its one place: a range's ledger tells of the members that were planned for it and of no others, no two
 * of them tell of the same, and a supplement only of members that had failed before. Sums alone would let two mistakes
 * cancel each other out.
 */
export async function verifyPositions(check: PositionsCheck): Promise<Found[]> {
  const { plan, told, leftOut } = check;
  const found: Found[] = [];
  const owners = new Map(leftOut.map((line) => [line.position, "the plan"]));
  for (const range of plan.ranges) {
    const own = told.get(range.shard)?.positions;
    if (own === undefined) continue;
    const planned = await plannedPositions(check, range, found);
    const isIts = (position: number): boolean =>
      planned === null ? position >= range.first && position <= range.last : planned.has(position);
    const mine = new Set(own.filter(isIts));
    const twice = [...mine].filter((position) => owners.has(position));
    found.push(
      ...problem(
        range.shard,
        own.filter((position) => !isIts(position)),
        "are not of this range",
      ),
      ...problem(
        range.shard,
        [...(planned ?? [])].filter((position) => !mine.has(position)),
        "were planned for it and have no line",
      ),
      ...problem(range.shard, twice, `are told of by ${owners.get(twice[0] ?? -1)}, too`),
    );
    for (const position of mine) owners.set(position, range.shard);
  }
  // What supplements go back to is known only where all is well with the ranges.
  return found.length > 0 ? found : supplementsOf(check);
}

function supplementsOf({ plan, manifests, told, leftOut }: PositionsCheck): Found[] {
  const failed = new Set(toldOf(leftOut).failed);
  for (const { shard } of plan.ranges) {
    const own = told.get(shard);
    if (own === undefined) return [];
    for (const position of own.failed) failed.add(position);
  }
  const supplements = manifests.filter((manifest) => manifest.supplement !== null);
  return supplements
    .toSorted((a, b) => (a.supplement ?? 0) - (b.supplement ?? 0))
    .flatMap(({ shard }) => {
      const own = told.get(shard);
      const strange = (own?.positions ?? []).filter((position) => !failed.has(position));
      for (const position of own?.positions ?? [])
        if (own?.failed.has(position) !== true) failed.delete(position);
      return problem(shard, strange, "are tried again, and had not failed");
    });
}

/** Null where the range's first and last are all that is known: of a stream, or where the plan's own list is damaged. */
async function plannedPositions(
  { records, plan, signal }: PositionsCheck,
  { range, shard, first, members }: PartPlan["ranges"][number],
  found: Found[],
): Promise<Set<number> | null> {
  if (plan.open) return null;
  const positions = new Set<number>();
  if (isNumberedThrough(plan)) for (let at = 0; at < members; at += 1) positions.add(first + at);
  else
    for await (const { position } of records.readPlannedMembers(plan, range, signal)) positions.add(position);
  if (positions.size === members) return positions;
  const detail = `${records.paths.plan(plan)}: of the ${members} members planned for ${shard}, ${positions.size} are listed`;
  found.push({ shard: null, problem: { code: "record_invalid", detail } });
  return null;
}

function problem(shard: string, positions: readonly number[], what: string): Found[] {
  if (positions.length === 0) return [];
  const some = positions.slice(0, 5).join(", ");
  const more = positions.length > 5 ? ` and ${positions.length - 5} more` : "";
  return [{ shard, problem: { code: "positions", detail: `positions ${some}${more} ${what}` } }];
}
