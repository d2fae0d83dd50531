import { Failure, type Manifest, Semaphore } from "@shardmill/core";
import type { Records, Store } from "@shardmill/store";

export interface SpaceLimits {
  /** Free bytes that are left alone. */
  readonly minFreeBytes: number;
  /** Bytes of all finished shards of a dataset; null: as many as the storage holds. */
  readonly maxOutputBytes: number | null;
}

/** A shard that is about to be made. */
export interface SpaceRequest {
  readonly dataset: { readonly name: string; readonly expected: { readonly bytesPerSample: number } };
  readonly store: Pick<Store, "freeBytes">;
  readonly records: Pick<Records, "listKnownManifests">;
  readonly shard: string;
  readonly members: number;
}

export interface OutputPlace {
  /** How much of it has been written: that part no longer counts as free. 0 to 1. */
  progress(share: number): void;
  /** `made`: the shard that was committed there. */
  leave(made?: Pick<Manifest, "samples" | "tar">): void;
}

interface Taken {
  readonly dataset: string;
  readonly bytes: number;
  share: number;
}

/** What is made of a dataset so far, and how many shards may still begin before it is added up again. */
interface Made {
  samples: number;
  bytes: number;
  fresh: number;
}

/** All are added up again when their number may have doubled. Meanwhile what is made here is added, and tells enough of a sample. */
const leastFresh = 16;

/** Clips differ, and what an estimate lacks would be found out by a full disk. */
const margin = 1.25;

/**
 * Lets a shard begin only when its output will fit beside those that this process is making already. What others make
 * is seen when it lies on the disk; a shard that meets a full disk all the same leaves nothing and waits likewise.
 */
export class OutputSpace {
  readonly #limits: SpaceLimits;
  readonly #taken = new Set<Taken>();
  readonly #made = new Map<string, Made>();
  /** One decides at a time: two that each saw the other's claim would both give way. */
  readonly #deciding = new Semaphore(1);

  constructor(limits: SpaceLimits) {
    this.#limits = limits;
  }

  async enter(request: SpaceRequest, signal: AbortSignal): Promise<OutputPlace> {
    const release = await this.#deciding.acquire(1, signal);
    try {
      return await this.#decide(request);
    } finally {
      release();
    }
  }

  async #decide({ dataset, store, records, shard, members }: SpaceRequest): Promise<OutputPlace> {
    const { samples, bytes: made } = await this.#madeOf(dataset.name, records);
    const bytesPerSample = samples > 0 ? made / samples : dataset.expected.bytesPerSample;
    const bytes = Math.ceil(members * bytesPerSample * margin);
    const { minFreeBytes, maxOutputBytes } = this.#limits;
    const free = (await store.freeBytes()) - minFreeBytes - this.#unwritten();
    if (bytes > free) {
      throw noSpace(shard, bytes, `${sizeOf(Math.max(0, free))} can be used`);
    }
    if (maxOutputBytes !== null && made + this.#takenFor(dataset.name) + bytes > maxOutputBytes) {
      throw noSpace(shard, bytes, `${sizeOf(made)} of ${sizeOf(maxOutputBytes)} are made`);
    }
    const taken: Taken = { dataset: dataset.name, bytes, share: 0 };
    this.#taken.add(taken);
    return {
      progress: (share) => {
        taken.share = share;
      },
      leave: (own) => {
        this.#taken.delete(taken);
        const known = this.#made.get(dataset.name);
        if (own === undefined || known === undefined) return;
        known.samples += own.samples;
        known.bytes += own.tar?.bytes ?? 0;
      },
    };
  }

  /** A limit is kept to the byte, whoever else writes. */
  async #madeOf(dataset: string, records: SpaceRequest["records"]): Promise<Made> {
    const known = this.#made.get(dataset);
    if (known !== undefined && known.fresh > 0 && this.#limits.maxOutputBytes === null) {
      known.fresh -= 1;
      return known;
    }
    const manifests = await records.listKnownManifests();
    const made = {
      samples: manifests.reduce((sum, manifest) => sum + manifest.samples, 0),
      bytes: manifests.reduce((sum, { tar }) => sum + (tar?.bytes ?? 0), 0),
      fresh: Math.max(leastFresh, manifests.length),
    };
    this.#made.set(dataset, made);
    return made;
  }

  #unwritten(): number {
    return [...this.#taken].reduce((sum, { bytes, share }) => sum + bytes * (1 - share), 0);
  }

  #takenFor(dataset: string): number {
    return [...this.#taken].reduce((sum, taken) => sum + (taken.dataset === dataset ? taken.bytes : 0), 0);
  }
}

function noSpace(shard: string, bytes: number, found: string): Failure {
  return new Failure("output_full", `${shard} needs about ${sizeOf(bytes)}, and ${found}`, {
    where: { shard },
  });
}

function sizeOf(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
