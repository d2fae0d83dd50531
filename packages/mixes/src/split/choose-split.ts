import { type Candidate, type Choice, chooseGroups } from "./choose-groups.ts";
import { seededOrder } from "./seeded-order.ts";

/** A shard that is trained on. */
export interface TrainingShard {
  /** Of which share of the split it is; null where nothing is asked of it. */
  readonly share: number | null;
  /** Unlike that of any other. */
  readonly name: string;
  readonly samples: number;
  /** Its members: their groups, and their samples that may be chosen. */
  read(): AsyncIterable<{ readonly group: string; readonly samples: number }>;
}

/** What is asked of an output or a subset of it. */
export interface SplitShare {
  readonly quota: number;
  /** The set that it is a part of: a set's budget is for all of them. */
  readonly set: number;
}

export interface SplitTerms {
  readonly seed: number;
  /** By set: samples that may be left out of training without being chosen. */
  readonly budgets: readonly number[];
}

export interface SplitChoice {
  readonly shares: readonly (Choice & { readonly pool: ReadonlySet<string> })[];
}

/** The first pool has so many times what is asked; then four times as many, up to half of the shards. */
const firstFactor = 4;

/**
 * Which groups are taken, of those that have samples in a pool: whole shards in seeded order. Reads the pools, then counts what their
 * groups have elsewhere; where that is not enough for a quota, its pool grows. Takes as much memory as the pools have groups, however much is trained on.
 */
export async function chooseSplit(
  shards: readonly TrainingShard[],
  shares: readonly SplitShare[],
  terms: SplitTerms,
): Promise<SplitChoice> {
  const own = shares.map((_, share) =>
    seededOrder(
      shards.filter((shard) => shard.share === share),
      terms.seed,
      ({ name }) => name,
    ),
  );
  const factors = shares.map(() => firstFactor);
  for (;;) {
    const pools = own.map((all, share) => poolOf(all, (shares[share]?.quota ?? 0) * (factors[share] ?? 0)));
    const choices = await chooseIn(shards, pools, shares, terms);
    const short = choices.flatMap(({ got }, share) => {
      const canGrow = (pools[share]?.size ?? 0) < halfOf(own[share]?.length ?? 0);
      return got < (shares[share]?.quota ?? 0) && canGrow ? [share] : [];
    });
    if (short.length === 0)
      return { shares: choices.map((choice, share) => ({ ...choice, pool: pools[share] ?? new Set() })) };
    for (const share of short) factors[share] = (factors[share] ?? 1) * 4;
  }
}

function halfOf(shards: number): number {
  return Math.ceil(shards / 2);
}

function poolOf(ordered: readonly TrainingShard[], samples: number): Set<string> {
  const pool = new Set<string>();
  let sum = 0;
  for (const shard of ordered.slice(0, halfOf(ordered.length))) {
    if (sum >= samples) break;
    pool.add(shard.name);
    sum += shard.samples;
  }
  return pool;
}

async function chooseIn(
  shards: readonly TrainingShard[],
  pools: readonly ReadonlySet<string>[],
  shares: readonly SplitShare[],
  { seed, budgets }: SplitTerms,
): Promise<Choice[]> {
  const isPooled = ({ share, name }: TrainingShard): boolean =>
    share !== null && pools[share]?.has(name) === true;
  const groups = new Map<string, FoundGroup>();
  for (const shard of shards.filter(isPooled))
    for await (const { group, samples } of shard.read()) {
      const found = groups.get(group) ?? { all: 0, own: new Map(), inside: new Map() };
      groups.set(group, found);
      count(found, shard.share, samples);
      add(found.inside, shard.share ?? 0, samples);
    }
  for (const shard of shards.filter((one) => !isPooled(one)))
    for await (const { group, samples } of shard.read()) {
      const found = groups.get(group);
      if (found !== undefined) count(found, shard.share, samples);
    }
  // What an earlier share has chosen is out of training already, and costs a later one nothing.
  const taken = new Set<string>();
  const left = [...budgets];
  return shares.map(({ quota, set }, share) => {
    const candidates: Candidate[] = [];
    for (const [group, { all, own, inside }] of groups) {
      const pooled = inside.get(share) ?? 0;
      const samples = own.get(share) ?? 0;
      if (pooled === 0) continue;
      const outside = taken.has(group) ? 0 : all - samples;
      candidates.push({ group, samples, spread: samples - pooled, outside });
    }
    const choice = chooseGroups(candidates, { quota, budget: left[set] ?? 0, seed });
    left[set] = (left[set] ?? 0) - choice.excluded;
    for (const { group } of choice.takes) taken.add(group);
    return choice;
  });
}

/** Samples of a group: all, those in each share, and of them those in its pool. */
interface FoundGroup {
  all: number;
  readonly own: Map<number, number>;
  readonly inside: Map<number, number>;
}

function count(found: FoundGroup, share: number | null, samples: number): void {
  found.all += samples;
  if (share !== null) add(found.own, share, samples);
}

function add(sums: Map<number, number>, share: number, samples: number): void {
  sums.set(share, (sums.get(share) ?? 0) + samples);
}
