import { type RecordRead, type RecordSchema, readRecordFile } from "./record-file.ts";
import type { Store } from "./store.ts";

const readsAtOnce = 16;
/** Within a tick of the file system's clock a file may be replaced twice and look the same: so young, it is read again. */
const settledAfterMs = 100;

export interface ShelvedRecord<T> {
  readonly path: string;
  readonly read: RecordRead<T>;
}

/**
 * Records of one kind. Status adds up a thousand of them, so that what was read stays in memory and is read again only
 * when its file has another time, size or inode.
 */
export class RecordShelf<T> {
  readonly #store: Store;
  readonly #schema: RecordSchema<T>;
  readonly #seen = new Map<string, { readonly stamp: string; readonly read: RecordRead<T> }>();

  constructor(store: Store, schema: RecordSchema<T>) {
    this.#store = store;
    this.#schema = schema;
  }

  async read(path: string): Promise<RecordRead<T>> {
    const stat = await this.#store.stat(path);
    if (stat === null) {
      this.#seen.delete(path);
      return { kind: "absent" };
    }
    const stamp = `${stat.identity} ${stat.sizeBytes} ${stat.modifiedMs}`;
    const seen = this.#seen.get(path);
    if (seen?.stamp === stamp) return seen.read;
    const isSettled = Date.now() - stat.modifiedMs > settledAfterMs;
    const read = await readRecordFile(this.#store, path, this.#schema);
    if (isSettled) this.#seen.set(path, { stamp, read });
    else this.#seen.delete(path);
    return read;
  }

  /** Every record directly in a folder, by name. */
  async list(folder: string): Promise<ShelvedRecord<T>[]> {
    return this.readAll((await this.#store.list(folder)).filter((path) => path.endsWith(".json")));
  }

  /** These records, in this order. */
  async readAll(paths: readonly string[]): Promise<ShelvedRecord<T>[]> {
    const reads: ShelvedRecord<T>[] = [];
    // A few at a time: a thousand at once would keep everybody else's reads waiting.
    for (let at = 0; at < paths.length; at += readsAtOnce) {
      const some = paths.slice(at, at + readsAtOnce);
      reads.push(...(await Promise.all(some.map(async (path) => ({ path, read: await this.read(path) })))));
    }
    return reads;
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
