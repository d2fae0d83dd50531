import type { Clock } from "@shardmill/core";
import { type OpenShard, openShard } from "@shardmill/shards";
import type { FilePlace, Store } from "@shardmill/store";

/** A shard that is being looked into, and where keys lie in it, as far as somebody has asked. */
export interface LookedInto {
  readonly tar: OpenShard;
  indexOf(key: string, signal: AbortSignal): Promise<number | null>;
}

interface Kept {
  readonly opened: Promise<LookedInto>;
  readonly at: number;
}

const mostKept = 8;
const keptMs = 60_000;

/**
 * Shards that are looked into. Of a bucket those that were looked into last stay open for a while: a page asks for a sample and for
 * each of its frames, and each would ask the bucket for the index and for a dozen keys again. What is read is of one object, or fails.
 */
export class OpenShards {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** `version` tells the shard's bytes from others of its name. */
  async use<T>(path: string, version: string, look: (shard: LookedInto) => Promise<T>): Promise<T> {
    const place = { store: this.#store, path };
    if (this.#store.conditional === null) {
      await using tar = await openShard(place);
      return await look(lookedInto(tar));
    }
    const key = `${path} ${version}`;
    try {
      return await look(await this.#open(key, place));
    } catch (error) {
      // Another one may lie there by now.
      this.#kept.delete(key);
      throw error;
    }
  }

  #open(key: string, place: FilePlace): Promise<LookedInto> {
    const now = this.#clock.now();
    const before = this.#kept.get(key);
    this.#kept.delete(key);
    const isYoung = before !== undefined && now - before.at < keptMs;
    const kept = isYoung ? before : { opened: openShard(place).then(lookedInto), at: now };
    this.#kept.set(key, kept);
    // The one that was asked for longest ago goes; a file of a bucket holds nothing but memory.
    for (const oldest of this.#kept.keys()) if (this.#kept.size > mostKept) this.#kept.delete(oldest);
    return kept.opened;
  }
}

/** A sample's frames are asked for at once: its place is looked for once. */
function lookedInto(tar: OpenShard): LookedInto {
  const places = new Map<string, Promise<number | null>>();
  return {
    tar,
    indexOf(key, signal) {
      const known = places.get(key);
      if (known !== undefined) return known;
      const place = tar.indexOf(key, signal);
      places.set(key, place);
      place.catch(() => places.delete(key));
      return place;
    },
  };
}
