import { flatFrame, unreadableFrame } from "@shardmill/shards";
import type { Block } from "./block.ts";
import { type Cause, type ComparedSet, causes } from "./compared-set.ts";
import type { Told } from "./told.ts";

/** What was found of some samples. */
export interface OverlapCounts {
  readonly samples: number;
  /** Related by this to a sample of the other set. */
  readonly related: Readonly<Record<Cause | "any", number>>;
  /** Frames that look like thousands of others, such as black ones: they have no vote. */
  readonly flatFrames: number;
  readonly unreadableFrames: number;
  /** Clips with fewer than two frames that have a vote: nothing is known of them by fingerprint. */
  readonly unjudged: number;
}

export interface SetOverlap extends OverlapCounts {
  readonly name: string;
  /** In order of their names; null of a set without subsets. */
  readonly subsets: readonly (OverlapCounts & { readonly subset: string | null })[];
}

interface Stretch {
  readonly subset: string | null;
  readonly from: number;
  samples: number;
  flatFrames: number;
  unreadableFrames: number;
  unjudged: number;
}

/** Counts the samples of a set as its blocks come by, however often they do. */
export class Tally {
  readonly #set: ComparedSet;
  /** Of the shards of the set, by their numbers. */
  readonly #stretches = new Map<number, Stretch>();
  #seen = 0;

  constructor(set: ComparedSet) {
    this.#set = set;
  }

  get isEmpty(): boolean {
    return this.#seen === 0;
  }

  /** Of a block that came by before nothing is counted again. */
  add({ first, samples, shards }: Block): void {
    if (first < this.#seen) return;
    this.#seen = first + samples.length;
    for (const [at, { frames }] of samples.entries()) {
      const stretch = this.#stretchOf(shards[at] ?? 0, first + at);
      const flat = frames.filter((print) => print === flatFrame).length;
      const unreadable = frames.filter((print) => print === unreadableFrame).length;
      stretch.samples += 1;
      stretch.flatFrames += flat;
      stretch.unreadableFrames += unreadable;
      if (frames.length - flat - unreadable < 2 && frames.length > 0) stretch.unjudged += 1;
    }
  }

  result(told: Told): SetOverlap {
    const bySubset = new Map<string | null, OverlapCounts>();
    for (const { subset, from, ...stretch } of this.#stretches.values()) {
      const counts = { ...stretch, related: told.count(from, from + stretch.samples) };
      bySubset.set(subset, sum(bySubset.get(subset) ?? nothing, counts));
    }
    const subsets = [...bySubset].sort(([a], [b]) => ((a ?? "") < (b ?? "") ? -1 : 1));
    return {
      name: this.#set.name,
      ...subsets.map(([, counts]) => counts).reduce(sum, nothing),
      subsets: subsets.map(([subset, counts]) => ({ subset, ...counts })),
    };
  }

  #stretchOf(shard: number, from: number): Stretch {
    const known = this.#stretches.get(shard);
    if (known !== undefined) return known;
    const subset = this.#set.shards[shard]?.subset ?? null;
    const stretch = { subset, from, samples: 0, flatFrames: 0, unreadableFrames: 0, unjudged: 0 };
    this.#stretches.set(shard, stretch);
    return stretch;
  }
}

const nothing: OverlapCounts = {
  samples: 0,
  related: { any: 0, group: 0, picture: 0, fingerprint: 0 },
  flatFrames: 0,
  unreadableFrames: 0,
  unjudged: 0,
};

function sum(a: OverlapCounts, b: OverlapCounts): OverlapCounts {
  const related = { any: a.related.any + b.related.any, group: 0, picture: 0, fingerprint: 0 };
  for (const cause of causes) related[cause] = a.related[cause] + b.related[cause];
  return {
    samples: a.samples + b.samples,
    related,
    flatFrames: a.flatFrames + b.flatFrames,
    unreadableFrames: a.unreadableFrames + b.unreadableFrames,
    unjudged: a.unjudged + b.unjudged,
  };
}
