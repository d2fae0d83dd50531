import { isSameMember } from "@shardmill/core";
import { type OpenShard, openShard } from "@shardmill/shards";
import type { Records } from "@shardmill/store";

/** Reads of one search by the index: for more members than a share of the tar's samples, all keys cost less. */
const readsOfSearch = 12;

/** All keys of the tar, and the place of each. */
interface Walked {
  readonly keys: readonly string[];
  readonly places: ReadonlyMap<string, number>;
}

interface Member {
  /** The first of its keys, as the ledger has it. */
  readonly first: string;
  readonly member: string;
}

/** The keys that a shard's tar has of its members, in order. The tar is opened when it is first asked for. */
export class KeysOfMembers implements AsyncDisposable {
  readonly #records: Records;
  readonly #shard: string;
  readonly #signal: AbortSignal;
  #tar: OpenShard | null = null;
  #asked = 0;
  #walked: Walked | null = null;

  constructor(records: Records, shard: string, signal: AbortSignal) {
    this.#records = records;
    this.#shard = shard;
    this.#signal = signal;
  }

  async of(asked: Member): Promise<string[]> {
    this.#asked += 1;
    this.#tar ??= await openShard({
      store: this.#records.store,
      path: this.#records.paths.tar(this.#shard),
    });
    const isFew = this.#walked === null && this.#asked * readsOfSearch <= (this.#tar.samples ?? 0);
    const found = isFew ? await this.#found(this.#tar, asked) : null;
    return found ?? this.#ofAll(await this.#all(this.#tar), asked);
  }

  /** By the index; null where there is none, or it does not lead to the member. */
  async #found(tar: OpenShard, { first, member }: Member): Promise<string[] | null> {
    const at = await tar.indexOf(first, this.#signal);
    if (at === null) return null;
    const keys: string[] = [];
    for (let index = at; ; index += 1) {
      const key = await tar.keyAt(index, this.#signal);
      if (key === null || !isSameMember(key, first, member)) return keys;
      keys.push(key);
    }
  }

  async #all(tar: OpenShard): Promise<Walked> {
    if (this.#walked !== null) return this.#walked;
    const keys = (await this.#byIndex(tar)) ?? [];
    if (keys.length === 0) for await (const { key } of tar.list(this.#signal)) keys.push(key);
    this.#walked = { keys, places: new Map(keys.map((key, at) => [key, at])) };
    return this.#walked;
  }

  /** A read for each; null where there is no index, or it does not lead to samples. */
  async #byIndex(tar: OpenShard): Promise<string[] | null> {
    const keys: string[] = [];
    for (let index = 0; index < (tar.samples ?? 0); index += 1) {
      const key = await tar.keyAt(index, this.#signal);
      if (key === null) return null;
      keys.push(key);
    }
    return keys;
  }

  #ofAll({ keys, places }: Walked, { first, member }: Member): string[] {
    const isOwn = (key: string): boolean => isSameMember(key, first, member);
    const from = places.get(first);
    if (from === undefined) return keys.filter(isOwn);
    const own = keys.slice(from, from + 1);
    for (let at = from + 1; ; at += 1) {
      const key = keys[at];
      if (key === undefined || !isOwn(key)) return own;
      own.push(key);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tar?.close();
  }
}
