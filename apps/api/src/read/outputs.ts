import type { Catalogue } from "@shardmill/catalogue";
import { Failure } from "@shardmill/core";
import { openRecords, type Store } from "@shardmill/store";

/** A folder of the output root that a build may be in. */
export interface Output {
  readonly name: string;
  readonly title: string;
}

/**
 * What can be seen of the output root: a folder of each dataset of the catalogue, and those whose record says that they are an
 * output of such a dataset under a name of their own. Nothing else.
 */
export class Outputs {
  readonly #store: Store;
  readonly #catalogue: Catalogue;
  readonly #own = new Map<string, Output>();

  constructor(store: Store, catalogue: Catalogue) {
    this.#store = store;
    this.#catalogue = catalogue;
  }

  isKnown(name: string): boolean {
    return this.#own.has(name) || this.#catalogue.list().some((dataset) => dataset.name === name);
  }

  list(): Output[] {
    const datasets = this.#catalogue.list().map(({ name, title }) => ({ name, title }));
    return [...datasets, ...this.#own.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Looks for outputs that have come since; one that is gone has no records, and shows as none. */
  async look(): Promise<void> {
    const folders = await this.#store.listFolders("");
    for (const name of folders) if (!this.isKnown(name)) await this.#read(name);
  }

  /**
   * A request makes an output of this name: it can be seen from now on. What is there already under it is an output of the
   * catalogue, or stays unseen.
   */
  async admit({ name, title }: Output): Promise<void> {
    await this.look();
    if (this.isKnown(name)) return;
    if ((await openRecords(this.#store, name).readBuild()) !== null)
      throw new Failure("wrong_use", `${name} is another build in this folder: give another name with as`);
    this.#own.set(name, { name, title });
  }

  async #read(name: string): Promise<void> {
    // What cannot be read is nobody's output, or is told by the command that made it.
    const build = await openRecords(this.#store, name)
      .readBuild()
      .catch(() => null);
    if (build === null || build.dataset.name !== name || build.entry === null) return;
    if (!this.#catalogue.list().some((dataset) => dataset.name === build.entry)) return;
    this.#own.set(name, { name, title: build.dataset.title });
  }
}
