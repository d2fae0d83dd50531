import { type Manifest, readableManifest } from "@shardmill/core";
import { type RecordRead, recordText } from "./record-file.ts";
import type { RecordPaths } from "./record-paths.ts";
import { RecordShelf } from "./record-shelf.ts";
import type { Store } from "./store.ts";

/** The manifests of a dataset; one that names another shard than its file does is a damaged one. */
export class ManifestShelf {
  readonly #store: Store;
  readonly #paths: RecordPaths;
  readonly #shelf: RecordShelf<Manifest>;

  constructor(store: Store, paths: RecordPaths) {
    this.#store = store;
    this.#paths = paths;
    this.#shelf = new RecordShelf(store, readableManifest, { isReplaced: false });
  }

  async read(shard: string): Promise<RecordRead<Manifest>> {
    return named(await this.#shelf.read(this.#paths.manifest(shard)), shard);
  }

  /** Every manifest file whose shard's name begins with the prefix, by name. */
  async list(prefix: string): Promise<{ shard: string; read: RecordRead<Manifest> }[]> {
    const reads = await this.#shelf.list(this.#paths.manifests, prefix);
    return reads.map(({ path, read }) => {
      const shard = path.slice(this.#paths.manifests.length + 1, -".json".length);
      return { shard, read: named(read, shard) };
    });
  }

  write(manifest: Manifest): Promise<"published" | "exists"> {
    return this.#store.putNew(this.#paths.manifest(manifest.shard), recordText(manifest));
  }
}

function named(read: RecordRead<Manifest>, shard: string): RecordRead<Manifest> {
  if (read.kind !== "ok" || read.value.shard === shard) return read;
  return { kind: "damaged", detail: `expected the manifest of ${shard}, found that of ${read.value.shard}` };
}
