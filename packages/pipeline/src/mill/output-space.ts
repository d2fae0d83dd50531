import { Failure, Semaphore } from "@shardmill/core";
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
  readonly records: Pick<Records, "listManifests">;
  readonly shard: string;
  readonly members: number;
}

export interface OutputPlace {
  /** How much of it has been written: that part no longer counts as free. 0 to 1. */
  progress(share: number): void;
  leave(): void;
}

interface Taken {
  readonly dataset: string;
  readonly bytes: number;
  share: number;
}

/** Clips differ, and what an estimate lacks would be found out by a full disk. */
const margin = 1.25;

/**
 * Lets a shard begin only when its output will fit beside those that this process is making already. What others make
 * is seen when it lies on the disk; a shard that meets a full disk all the same leaves nothing and waits likewise.
 */
export class OutputSpace {
  readonly #limits: SpaceLimits;
  readonly #taken = new Set<Taken>();
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
    const manifests = await records.listManifests();
    const samples = manifests.reduce((sum, manifest) => sum + manifest.samples, 0);
    const made = manifests.reduce((sum, { tar }) => sum + (tar?.bytes ?? 0), 0);
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
      leave: () => void this.#taken.delete(taken),
    };
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
