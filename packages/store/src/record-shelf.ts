import { Failure } from "@shardmill/core";
import type { FileStat } from "./file-stat.ts";
import { type KeptRecord, KeptRecords } from "./kept-records.ts";
import { type RecordRead, type RecordSchema, recordOf } from "./record-file.ts";
import type { Store } from "./store.ts";

const readsAtOnce = 16;

export interface ShelvedRecord<T> {
  readonly path: string;
  readonly read: RecordRead<T>;
}

/**
 * Records of one kind. Status adds up a thousand of them, so that what was read stays in memory and is read again only
 * when its file has another time, size or inode; in a bucket, another tag.
 */
export class RecordShelf<T> {
  readonly #store: Store;
  readonly #schema: RecordSchema<T>;
  readonly #seen = new Map<string, { readonly stamp: string; readonly read: RecordRead<T> }>();
  /** Of a bucket, where a listing tells which are other ones by now. */
  readonly #kept: KeptRecords | null;
  #isKeptRead = false;
  /** What was read and is not kept yet. */
  readonly #unkept = new Map<string, KeptRecord>();

  constructor(store: Store, schema: RecordSchema<T>, folder: string) {
    this.#store = store;
    this.#schema = schema;
    this.#kept = store.conditional === null ? null : new KeptRecords(store.machine, `.kept/${folder}.jsonl`);
  }

  async read(path: string): Promise<RecordRead<T>> {
    return this.#look(path, () => undefined);
  }

  /** As it was read last; null where it was not, or was not there. */
  known(path: string): RecordRead<T> | null {
    return this.#seen.get(path)?.read ?? null;
  }

  forget(path: string): void {
    this.#seen.delete(path);
  }

  async #look(path: string, onRead: (stamp: string, bytes: Uint8Array) => void): Promise<RecordRead<T>> {
    const seen = this.#seen.get(path);
    const found = await this.#store.readUnless(path, seen?.stamp ?? null);
    if (found === "same") return seen?.read ?? { kind: "absent" };
    if (found === null) {
      this.#seen.delete(path);
      return { kind: "absent" };
    }
    const read = recordOf(path, found.bytes, this.#schema);
    if (found.stamp === null) this.#seen.delete(path);
    else this.#seen.set(path, { stamp: found.stamp, read });
    if (found.stamp !== null) onRead(found.stamp, found.bytes);
    return read;
  }

  /** Every record directly in a folder, by name. */
  async list(folder: string): Promise<ShelvedRecord<T>[]> {
    const told = await this.listTold(`${folder}/`);
    return told ?? this.readAll((await this.#store.list(folder)).filter((path) => path.endsWith(".json")));
  }

  /** Every record whose path begins so, by name, where a listing tells which were read before: in a bucket. Else null. */
  async listTold(start: string): Promise<ShelvedRecord<T>[] | null> {
    const { conditional } = this.#store;
    if (conditional === null) return null;
    const files = await conditional.beginning(start);
    const told = files.filter(({ path }) => path.endsWith(".json"));
    const paths = new Set(told.map(({ path }) => path));
    const isGone = (path: string): boolean => path.startsWith(start) && !paths.has(path);
    for (const path of this.#seen.keys()) if (isGone(path)) this.#seen.delete(path);
    const others = await this.#readOthers(told, isGone);
    // Of another listing of the same folder, which began earlier, some of these may be gone from what is kept in mind.
    return told.map(({ path }) => ({ path, read: others.get(path) ?? { kind: "absent" } }));
  }

  async #readOthers(
    told: readonly FileStat[],
    isGone: (path: string) => boolean,
  ): Promise<ReadonlyMap<string, RecordRead<T>>> {
    const isOther = ({ path, identity }: FileStat): boolean => this.#seen.get(path)?.stamp !== identity;
    if (!this.#isKeptRead && told.some(isOther)) {
      await this.#takeKept(told);
      this.#isKeptRead = true;
    }
    const reads = new Map<string, RecordRead<T>>();
    const others: FileStat[] = [];
    for (const file of told) {
      const seen = this.#seen.get(file.path);
      if (seen?.stamp === file.identity) reads.set(file.path, seen.read);
      else others.push(file);
    }
    await aFewAtATime(others, async ({ path }) => {
      const read = await this.#look(path, (stamp, bytes) => {
        this.#unkept.set(path, { stamp, text: Buffer.from(bytes).toString("utf8") });
      });
      reads.set(path, read);
    });
    if (others.length > 0) await this.#keep(isGone).catch(unlessBug);
    return reads;
  }

  async #takeKept(told: readonly FileStat[]): Promise<void> {
    const kept = await this.#kept?.read().catch(unlessBug);
    for (const { path, identity } of told) {
      const found = kept?.get(path);
      if (found?.stamp !== identity) continue;
      this.#seen.set(path, {
        stamp: identity,
        read: recordOf(path, Buffer.from(found.text), this.#schema),
      });
    }
  }

  async #keep(isGone: (path: string) => boolean): Promise<void> {
    if (this.#kept?.isDue !== true) return;
    const kept = await this.#kept.read();
    for (const path of kept.keys()) if (isGone(path)) kept.delete(path);
    for (const [path, record] of this.#unkept) kept.set(path, record);
    this.#unkept.clear();
    await this.#kept.write(kept);
  }

  /** These records, in this order. */
  async readAll(paths: readonly string[]): Promise<ShelvedRecord<T>[]> {
    return aFewAtATime(paths, async (path) => ({ path, read: await this.read(path) }));
  }

  /** As readAll, but a file that was read before is not even looked at. */
  async readNew(paths: readonly string[]): Promise<ShelvedRecord<T>[]> {
    const added = await this.readAll(paths.filter((path) => !this.#seen.has(path)));
    const reads = new Map(added.map(({ path, read }) => [path, read]));
    return paths.map((path) => ({
      path,
      read: reads.get(path) ?? this.#seen.get(path)?.read ?? { kind: "absent" },
    }));
  }

  /** Forgets what is not among these any more. */
  keepOnly(paths: ReadonlySet<string>): void {
    for (const path of this.#seen.keys()) if (!paths.has(path)) this.#seen.delete(path);
  }
}

/** What is kept only saves requests: a scratch folder that is full or away costs those. */
function unlessBug(error: unknown): void {
  if (!(error instanceof Failure)) throw error;
}

/** A thousand at once would keep everybody else's reads waiting. */
async function aFewAtATime<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (let at = 0; at < items.length; at += readsAtOnce)
    done.push(...(await Promise.all(items.slice(at, at + readsAtOnce).map(work))));
  return done;
}
