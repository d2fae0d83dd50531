import { type Dataset, Failure, hashOf, nameForm, type SplitEntry } from "@shardmill/core";
import { openRecords, type Store } from "@shardmill/store";
import type { OutputFacts, ShardFacts } from "../facts/output-facts.ts";
import { type MemberKeys, readMembers } from "../keys/read-members.ts";
import type { MixPlan } from "../plan/mix-plan.ts";
import { outputTerms, type TermsRow } from "../terms/output-terms.ts";
import { chooseSplit, type SplitChoice, type TrainingShard } from "./choose-split.ts";
import { quotasOf } from "./quotas.ts";
import type { SplitRecord, SplitSample } from "./split-record.ts";

/** An output of the mixes, with those of its shards that any of them takes. */
interface TrainedOutput {
  readonly facts: OutputFacts;
  readonly dataset: Dataset;
  readonly shards: readonly ShardFacts[];
  /** Left out for another reason: neither chosen nor trained on. */
  readonly excluded: ReadonlySet<string>;
}

/** What became of one of the split's sets. */
interface SplitSet {
  readonly dataset: string;
  readonly asked: number;
  readonly got: number;
  /** Of groups that lie wholly in the pool. */
  readonly closed: number;
  /** Of groups that have samples elsewhere too. */
  readonly open: number;
  /** Left out of training without being chosen. */
  readonly excluded: number;
  /** Samples that were not taken since their groups would cost more than may be left out. */
  readonly refused: number;
  readonly poolShards: number;
}

export interface SplitPlan {
  readonly entry: SplitEntry;
  readonly record: SplitRecord;
  readonly sets: readonly SplitSet[];
  readonly outputs: readonly { readonly facts: OutputFacts; readonly terms: readonly TermsRow[] }[];
}

/** Part of an output that something is asked of. */
interface Share {
  readonly set: number;
  readonly output: string;
  readonly subset: string | null;
  readonly samples: number;
}

export interface SplitPlaces {
  readonly store: Store;
  readonly dataset: (name: string) => Dataset | null;
}

/** What a split chooses from the outputs of ready mixes, or the sets that no mix has. Nothing is written. */
export async function planSplit(
  entry: SplitEntry,
  mixes: readonly MixPlan[],
  places: SplitPlaces,
  signal: AbortSignal,
): Promise<SplitPlan | { readonly unknown: readonly string[] }> {
  const outputs = trainedOutputs(mixes, places);
  const shares = entry.sets.flatMap((_, set) => sharesOf(entry, set, outputs));
  const unknown = entry.sets.flatMap(({ dataset }, index) =>
    shares.some(({ set }) => set === index) ? [] : [dataset],
  );
  if (unknown.length > 0) return { unknown };
  const twice = shares.find((one, at) => shares.findIndex((other) => isSame(one, other)) !== at);
  if (twice !== undefined)
    throw new Failure(
      "wrong_use",
      `${entry.name} asks twice for ${twice.subset ?? "samples"} of ${twice.output}`,
    );
  const gone = await withdrawnKeys(entry, places.store);
  const shards = trainingShards(outputs, { shares, gone }, places.store, signal);
  const budgets = entry.sets.map((_, set) =>
    Math.floor(
      entry.maxExcluded * sum(shares.filter((share) => share.set === set).map(({ samples }) => samples)),
    ),
  );
  const choice = await chooseSplit(shards, quotaShares(entry, shares), { seed: entry.seed, budgets });
  const samples = await chosenSamples(shards, choice, gone);
  const seen = Object.fromEntries(
    [...outputs.values()].map(({ facts }) => [
      facts.name,
      Object.fromEntries(facts.shards.map(({ shard, sha256 }) => [shard, sha256])),
    ]),
  );
  const { name } = entry;
  const record = { version: 1, name, identity: hashOf({ entry, seen, samples }), seen, samples } as const;
  const sets = entry.sets.map((_, set) => setOf(entry, set, { shares, choice }));
  return { entry, record, sets, outputs: used(outputs, samples) };
}

function isSame(a: Share, b: Share): boolean {
  return a.output === b.output && a.subset === b.subset;
}

function trainedOutputs(mixes: readonly MixPlan[], places: SplitPlaces): ReadonlyMap<string, TrainedOutput> {
  const outputs = new Map<string, TrainedOutput>();
  for (const { facts, shards, excluded } of mixes.flatMap(({ sets }) => sets)) {
    const before = outputs.get(facts.name);
    const byName = new Map([...(before?.shards ?? []), ...shards].map((shard) => [shard.shard, shard]));
    outputs.set(facts.name, {
      facts,
      dataset: places.dataset(facts.entry) ?? facts.dataset,
      shards: [...byName.values()].sort((a, b) => (a.shard < b.shard ? -1 : 1)),
      excluded: new Set([...(before?.excluded ?? []), ...excluded.map(({ key }) => key)]),
    });
  }
  return outputs;
}

function sharesOf(entry: SplitEntry, set: number, outputs: ReadonlyMap<string, TrainedOutput>): Share[] {
  const asked = entry.sets[set];
  if (asked === undefined) return [];
  const named = outputs.get(asked.dataset);
  const all = named === undefined ? [...outputs.values()] : [named];
  const wanted = asked.subsets === undefined ? null : new Set(asked.subsets.map(nameForm));
  const samples = new Map<string, Share>();
  for (const { facts, shards } of all) {
    if (facts.name !== asked.dataset && facts.entry !== asked.dataset) continue;
    for (const shard of shards) {
      if (wanted !== null && (shard.subset === null || !wanted.has(nameForm(shard.subset)))) continue;
      const key = `${facts.name}\n${shard.subset ?? ""}`;
      const before = samples.get(key);
      samples.set(key, {
        set,
        output: facts.name,
        subset: shard.subset,
        samples: (before?.samples ?? 0) + shard.samples,
      });
    }
  }
  return [...samples.values()];
}

function quotaShares(entry: SplitEntry, shares: readonly Share[]): { set: number; quota: number }[] {
  const quotas = entry.sets.map(({ samples }, set) => {
    const own = shares.filter((share) => share.set === set);
    return quotasOf(
      samples,
      own.map((share) => share.samples),
    );
  });
  const next = entry.sets.map(() => 0);
  return shares.map(({ set }) => {
    const at = next[set] ?? 0;
    next[set] = at + 1;
    return { set, quota: quotas[set]?.[at] ?? 0 };
  });
}

interface ReadableShard extends TrainingShard {
  readonly output: string;
  readonly shard: string;
  members(): AsyncIterable<MemberKeys>;
}

/** What was withdrawn from the split's own output. It is not chosen again; of a group that is, it is left out of training. */
async function withdrawnKeys({ name }: SplitEntry, store: Store): Promise<ReadonlySet<string>> {
  const lines = await openRecords(store, name).readWithdrawn();
  return new Set(lines.flatMap(({ key }) => key ?? []));
}

function trainingShards(
  outputs: ReadonlyMap<string, TrainedOutput>,
  { shares, gone }: { readonly shares: readonly Share[]; readonly gone: ReadonlySet<string> },
  store: Store,
  signal: AbortSignal,
): ReadableShard[] {
  const shareOf = new Map(shares.map(({ output, subset }, index) => [`${output}\n${subset ?? ""}`, index]));
  return [...outputs.values()].flatMap(({ facts, dataset, shards, excluded }) => {
    const records = openRecords(store, facts.name);
    return shards.map((shard): ReadableShard => {
      async function* members(): AsyncGenerator<MemberKeys> {
        for await (const { group, keys } of readMembers(records, dataset, shard, signal))
          yield { group, keys: keys.filter((key) => !excluded.has(key)) };
      }
      return {
        share: shareOf.get(`${facts.name}\n${shard.subset ?? ""}`) ?? null,
        name: `${facts.name}/${shard.shard}`,
        samples: shard.samples,
        output: facts.name,
        shard: shard.shard,
        members,
        async *read() {
          for await (const { group, keys } of members()) {
            const samples = keys.filter((key) => !gone.has(key)).length;
            if (samples > 0) yield { group, samples };
          }
        },
      };
    });
  });
}

/** Every sample of a chosen group, wherever it lies: taken where its share has it, else left out. */
async function chosenSamples(
  shards: readonly ReadableShard[],
  { shares }: SplitChoice,
  gone: ReadonlySet<string>,
): Promise<SplitSample[]> {
  const left = shares.map(({ takes }) => new Map(takes.map(({ group, take }) => [group, take])));
  const groups = new Set(left.flatMap((takes) => [...takes.keys()]));
  const samples: SplitSample[] = [];
  for (const { share, output, shard, members } of shards) {
    const takes = share === null ? undefined : left[share];
    for await (const { group, keys } of members())
      if (groups.has(group))
        for (const key of keys) {
          const isChosen = !gone.has(key) && takeOne(takes, group);
          samples.push({ output, shard, key, group, isChosen });
        }
  }
  return samples;
}

/** Whether one more of a group is wanted there; if so it is one less now. */
function takeOne(takes: Map<string, number> | undefined, group: string): boolean {
  const lacking = takes?.get(group) ?? 0;
  if (lacking > 0) takes?.set(group, lacking - 1);
  return lacking > 0;
}

function setOf(
  entry: SplitEntry,
  set: number,
  { shares, choice }: { readonly shares: readonly Share[]; readonly choice: SplitChoice },
): SplitSet {
  const own = choice.shares.filter((_, index) => shares[index]?.set === set);
  const [got, closed] = [sum(own.map((one) => one.got)), sum(own.map((one) => one.closed))];
  return {
    dataset: entry.sets[set]?.dataset ?? "",
    asked: entry.sets[set]?.samples ?? 0,
    got,
    closed,
    open: got - closed,
    excluded: sum(own.map((one) => one.excluded)),
    refused: sum(own.map((one) => one.refused)),
    poolShards: sum(own.map(({ pool }) => pool.size)),
  };
}

function used(
  outputs: ReadonlyMap<string, TrainedOutput>,
  samples: readonly SplitSample[],
): SplitPlan["outputs"] {
  const chosen = new Set(samples.flatMap(({ output, isChosen }) => (isChosen ? [output] : [])));
  return [...outputs.values()]
    .filter(({ facts }) => chosen.has(facts.name))
    .map(({ facts, dataset }) => ({ facts, terms: outputTerms(facts, dataset) }));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
