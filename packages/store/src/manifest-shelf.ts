import { type Manifest, readableManifest } from "@shardmill/core";
import { changeManifest } from "./change-records.ts";
import { beginningWith, FolderNames } from "./folder-names.ts";
import { type RecordRead, recordText } from "./record-file.ts";
import type { RecordPaths } from "./record-paths.ts";
import { RecordShelf, type ShelvedRecord } from "./record-shelf.ts";
import type { Store } from "./store.ts";

interface ShelvedManifest {
  readonly shard: string;
  readonly read: RecordRead<Manifest>;
}

/** The manifests of a dataset; one that names another shard than its file does is a damaged one. */
export class ManifestShelf {
  readonly #store: Store;
  readonly #paths: RecordPaths;
  readonly #shelf: RecordShelf<Manifest>;
  /** There may be a hundred thousand, and a part has a few of them: they are not listed anew for every part. */
  readonly #names: FolderNames;
  /** The listing by which names that are gone were forgotten last. */
  #kept: readonly string[] = [];

  constructor(store: Store, paths: RecordPaths) {
    this.#store = store;
    this.#paths = paths;
    this.#shelf = new RecordShelf(store, readableManifest, paths.manifests);
    this.#names = new FolderNames(store, paths.manifests);
  }

  async read(shard: string): Promise<RecordRead<Manifest>> {
    return named(await this.#shelf.read(this.#paths.manifest(shard)), shard);
  }

  /** Every manifest file whose shard's name begins with the prefix, by name. Files of others are not looked at. */
  async list(prefix: string): Promise<ShelvedManifest[]> {
    const told = await this.#shelf.listTold(`${this.#paths.manifests}/${prefix}`);
    if (told !== null) return this.#named(told);
    const paths = beginningWith(await this.#names.list(), `${this.#paths.manifests}/${prefix}`);
    return this.#named(await this.#shelf.readAll(paths.filter(isRecord)));
  }

  /** Every manifest file, by name; one that was read before is not looked at again for as long as its name is there. */
  async listKnown(): Promise<ShelvedManifest[]> {
    if (this.#store.conditional !== null) return this.list("");
    const paths = await this.#names.list();
    if (this.#kept !== paths) this.#shelf.keepOnly(new Set(paths));
    this.#kept = paths;
    return this.#named(await this.#shelf.readNew(paths.filter(isRecord)));
  }

  change(before: Manifest, after: Manifest): Promise<"changed" | "another"> {
    const path = this.#paths.manifest(before.shard);
    return changeManifest({ store: this.#store, path }, before, after);
  }

  write(manifest: Manifest): Promise<"published" | "exists"> {
    return this.#store.putNew(this.#paths.manifest(manifest.shard), recordText(manifest));
  }

  #named(reads: readonly ShelvedRecord<Manifest>[]): ShelvedManifest[] {
    return reads.map(({ path, read }) => {
      const shard = path.slice(this.#paths.manifests.length + 1, -".json".length);
      return { shard, read: named(read, shard) };
    });
  }
}

function isRecord(path: string): boolean {
  return path.endsWith(".json");
}

function named(read: RecordRead<Manifest>, shard: string): RecordRead<Manifest> {
  if (read.kind !== "ok" || read.value.shard === shard) return read;
  return { kind: "damaged", detail: `expected the manifest of ${shard}, found that of ${read.value.shard}` };
}
