import type { Manifest } from "@shardmill/core";

interface Made {
  bytesRead: number;
  seconds: number;
  retriedClips: number;
}

interface Tally {
  readonly seen: Set<string>;
  readonly made: Made;
}

/**
 * What the shards cost that were committed since a moment, one dataset at a time. A shard that goes away, to be made again, takes nothing
 * with it: a counter that falls is taken for one that began anew, and all that it tells for new.
 */
export class MadeSince {
  readonly #sinceMs: number;
  readonly #tallies = new Map<string, Tally>();

  constructor(sinceMs: number) {
    this.#sinceMs = sinceMs;
  }

  add(dataset: string, manifests: readonly Manifest[]): Readonly<Made> {
    const none = { seen: new Set<string>(), made: { bytesRead: 0, seconds: 0, retriedClips: 0 } };
    const { seen, made } = this.#tallies.get(dataset) ?? none;
    this.#tallies.set(dataset, { seen, made });
    for (const { shard, made: one } of manifests) {
      const commit = `${shard} ${one.committedAt}`;
      if (Date.parse(one.committedAt) < this.#sinceMs || seen.has(commit)) continue;
      seen.add(commit);
      made.bytesRead += one.bytesRead;
      made.seconds += one.seconds;
      made.retriedClips += one.retriedClips;
    }
    return made;
  }
}
