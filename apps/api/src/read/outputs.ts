import type { Catalogue } from "@shardmill/catalogue";
import { type Clock, Failure, systemClock } from "@shardmill/core";
import { openRecords, type Store } from "@shardmill/store";

/** In a bucket, folders that are no outputs are looked into again after this long. */
const strangerMs = 60_000;

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
  readonly #clock: Clock;
  /** Of a bucket, which is asked for: a look is good for this long. */
  readonly #keptMs: number;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #folders: ReadonlySet<string> = new Set();
  readonly #strangers = new Map<string, number>();

  constructor(
    store: Store,
    catalogue: Catalogue,
    how: { readonly clock?: Clock; readonly keptMs?: number } = {},
  ) {
    this.#store = store;
    this.#catalogue = catalogue;
    this.#clock = how.clock ?? systemClock;
    this.#keptMs = store.conditional === null ? 0 : (how.keptMs ?? 0);
  }

  isKnown(name: string): boolean {
    return this.#own.has(name) || this.#catalogue.list().some((dataset) => dataset.name === name);
  }

  list(): Output[] {
    const datasets = this.#catalogue.list().map(({ name, title }) => ({ name, title }));
    return [...datasets, ...this.#own.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Without those that a bucket had nothing of at the last look: the catalogue has many, and each would be asked for. */
  present(): Output[] {
    if (this.#store.conditional === null) return this.list();
    return this.list().filter(({ name }) => this.#folders.has(name));
  }

  /** Looks for outputs that have come since; one that is gone has no records, and shows as none. */
  async look(): Promise<void> {
    if (this.#clock.now() - this.#lookedAt < this.#keptMs) return;
    this.#folders = new Set(await this.#store.listFolders(""));
    for (const name of this.#folders)
      if (!this.isKnown(name) && !this.#isStranger(name)) await this.#read(name);
    this.#lookedAt = this.#clock.now();
  }

  /**
   * A request makes an output of this name: it can be seen from now on. What is there already under it is an output of the
   * catalogue, or stays unseen.
   */
  async admit({ name, title }: Output): Promise<void> {
    this.#lookedAt = Number.NEGATIVE_INFINITY;
    await this.look();
    if (this.isKnown(name)) return;
    if ((await openRecords(this.#store, name).readBuild()) !== null)
      throw new Failure("wrong_use", `${name} is another build in this folder: give another name with as`);
    this.#own.set(name, { name, title });
  }

  /** The first records of one have been written since the last look. */
  isMade(name: string): void {
    this.#folders = new Set([...this.#folders, name]);
  }

  #isStranger(name: string): boolean {
    const seenAt = this.#strangers.get(name) ?? Number.NEGATIVE_INFINITY;
    return this.#store.conditional !== null && this.#clock.now() - seenAt < strangerMs;
  }

  async #read(name: string): Promise<void> {
    this.#strangers.set(name, this.#clock.now());
    // What cannot be read is nobody's output, or is told by the command that made it.
    const build = await openRecords(this.#store, name)
      .readBuild()
      .catch(() => null);
    if (build === null || build.dataset.name !== name || build.entry === null) return;
    if (!this.#catalogue.list().some((dataset) => dataset.name === build.entry)) return;
    this.#own.set(name, { name, title: build.dataset.title });
  }
}
