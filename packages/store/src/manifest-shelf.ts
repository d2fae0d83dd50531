import { type Manifest, manifestSchema } from "@shardmill/core";
import { type RecordRead, readRecordFile, recordText } from "./record-file.ts";
import type { RecordPaths } from "./record-paths.ts";
import type { Store } from "./store.ts";

const readsAtOnce = 32;

/**
 * The manifests of a dataset. Status adds up a thousand of them, so that what was read stays in memory and is read
 * again only when its file has another time, size or inode.
 */
export class ManifestShelf {
  readonly #store: Store;
  readonly #paths: RecordPaths;
  readonly #seen = new Map<string, { stamp: string; read: RecordRead<Manifest> }>();

  constructor(store: Store, paths: RecordPaths) {
    this.#store = store;
    this.#paths = paths;
  }

  async read(shard: string): Promise<RecordRead<Manifest>> {
    const path = this.#paths.manifest(shard);
    const stat = await this.#store.stat(path);
    if (stat === null) {
      this.#seen.delete(shard);
      return { kind: "absent" };
    }
    const stamp = `${stat.identity} ${stat.sizeBytes} ${stat.modifiedMs}`;
    const seen = this.#seen.get(shard);
    if (seen?.stamp === stamp) return seen.read;
    const read = named(await readRecordFile(this.#store, path, manifestSchema), shard);
    this.#seen.set(shard, { stamp, read });
    return read;
  }

  /** Every manifest file whose shard's name begins with the prefix, by name. */
  async list(prefix: string): Promise<{ shard: string; read: RecordRead<Manifest> }[]> {
    const shards = (await this.#store.list(this.#paths.manifests))
      .map((path) => path.slice(this.#paths.manifests.length + 1))
      .filter((name) => name.startsWith(prefix) && name.endsWith(".json"))
      .map((name) => name.slice(0, -".json".length));
    const reads: { shard: string; read: RecordRead<Manifest> }[] = [];
    for (let at = 0; at < shards.length; at += readsAtOnce) {
      const some = shards.slice(at, at + readsAtOnce);
      reads.push(
        ...(await Promise.all(some.map(async (shard) => ({ shard, read: await this.read(shard) })))),
      );
    }
    return reads;
  }

  write(manifest: Manifest): Promise<"published" | "exists"> {
    return this.#store.putNew(this.#paths.manifest(manifest.shard), recordText(manifest));
  }
}

function named(read: RecordRead<Manifest>, shard: string): RecordRead<Manifest> {
  if (read.kind !== "ok" || read.value.shard === shard) return read;
  return { kind: "damaged", detail: `expected the manifest of ${shard}, found that of ${read.value.shard}` };
}
