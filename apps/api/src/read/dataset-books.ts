import { createHash } from "node:crypto";
import type { BuildRecord, Clock } from "@shardmill/core";
import {
  type Books,
  type BuildStatus,
  LeftOutShelf,
  manifestsByPart,
  noQueue,
  StandingBooks,
  statusOf,
} from "@shardmill/pipeline";
import { type FileStat, openRecords, type Records, type Store } from "@shardmill/store";

/** What the records of a dataset say, read at one time. */
export interface BookView {
  readonly build: BuildRecord;
  /** Without the queue: who is at work is laid over it (status-now.ts). */
  readonly status: BuildStatus;
  readonly books: Books;
  /** Grows with every reading that found something new. */
  readonly version: number;
}

/** A reading that nobody has checked for longer than this is not given out. */
const longestStaleMs = 10_000;
/** Of a bucket every look is a request for each thousand records: a large output is looked at less often. */
const bucketPace = { wholeMsAShard: 10, sinceMsAShard: 2 };

/**
 * The records of one dataset, read again only when one of their folders has changed. Renaming a file into a folder
 * changes the folder's time, so six `stat` calls tell whether a thousand manifests have to be looked at. Of a bucket the
 * listings tell it.
 */
export class DatasetBooks {
  readonly records: Records;
  readonly leftOut: LeftOutShelf;
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #standing: StandingBooks;
  #view: BookView | null = null;
  #signature = "";
  /** When the last look at the folders ended, with the reading that came of it. */
  #checkedAt = Number.NEGATIVE_INFINITY;
  /** The next look reads, whatever the folders' times say. */
  #mustRead = true;
  /** Looks at the folders, counted: how many have begun, which one the view is of, and after which it has to be. */
  #begun = 0;
  #seenBy = 0;
  #mustFollow = 0;
  /** Parts that were at work when somebody looked at the queue last. */
  #atWork: ReadonlySet<string> | null = null;
  #reading: Promise<BookView | null> | null = null;

  constructor(store: Store, dataset: string, options: { readonly clock: Clock; readonly ttlMs: number }) {
    this.records = openRecords(store, dataset);
    this.leftOut = new LeftOutShelf(this.records);
    this.#clock = options.clock;
    this.#ttlMs = options.ttlMs;
    const pace = store.conditional === null ? {} : bucketPace;
    this.#standing = new StandingBooks(this.records, options.clock, pace);
  }

  /**
   * Null where there is no build. A reading that is no longer new is given out while the next one is made, so that
   * nobody waits for a thousand manifests; pages hear of the next one. Its age counts from its end: one that takes longer
   * than readings are good for would never be given out.
   */
  view(): Promise<BookView | null> {
    const age = this.#clock.now() - this.#checkedAt;
    if (age < this.#ttlMs || this.#standing.dueInMs > 0) return Promise.resolve(this.#view);
    const looking = this.#lookOnce();
    if (this.#view === null || age > longestStaleMs) return looking;
    // Whoever asks next is told what went wrong.
    looking.catch(() => {});
    return Promise.resolve(this.#view);
  }

  /**
   * The same for somebody who has just seen these parts at work in the queue. One that was at work before and is not any
   * more has ended: a reading from before that would tell it as missing, and offer to build it.
   */
  async viewBeside(atWork: ReadonlySet<string>): Promise<BookView | null> {
    const before = this.#atWork;
    this.#atWork = atWork;
    if (before === null || [...before].some((label) => !atWork.has(label))) this.#mustFollow = this.#begun;
    while (this.#seenBy <= this.#mustFollow) await this.#lookOnce();
    return this.view();
  }

  /** Reads ahead what pages ask for, a part at a time, so that the first to look need not wait for ledgers either. */
  async warmUp(signal: AbortSignal): Promise<void> {
    const view = await this.view();
    // Ledgers of a bucket come over the network, and are read when they are asked for.
    if (view === null || this.records.store.conditional !== null) return;
    const manifests = manifestsByPart(view.books.manifests);
    for (const { label, subset, part, failed, skipped } of view.status.parts) {
      if (this.leftOut.isFull || signal.aborted) return;
      if (failed + skipped > 0) await this.leftOut.of({ subset, part }, signal, manifests.get(label) ?? []);
    }
  }

  /** As the disk has it now. */
  async fresh(): Promise<BookView | null> {
    // A reading that is under way may have begun before what the caller knows of.
    await this.#reading?.catch(() => {});
    this.#mustRead = true;
    return this.#lookOnce();
  }

  /** In how many milliseconds somebody who does not wait for it may have it read again: a large output is read less often. */
  get dueInMs(): number {
    const { dueInMs } = this.#standing;
    if (this.records.store.conditional === null) return dueInMs;
    return Math.max(dueInMs, this.#checkedAt + this.#ttlMs - this.#clock.now());
  }

  #lookOnce(): Promise<BookView | null> {
    this.#reading ??= this.#look().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #look(): Promise<BookView | null> {
    this.#begun += 1;
    const look = this.#begun;
    const signature = await this.#sign();
    const isDue = this.#standing.isWholeDue || signature !== this.#signature;
    if (this.#mustRead || isDue) {
      this.#view = await this.#read();
      this.#signature = signature;
      this.#mustRead = false;
    }
    this.#checkedAt = this.#clock.now();
    this.#seenBy = look;
    return this.#view;
  }

  async #sign(): Promise<string> {
    const { store, paths } = this.records;
    const files = [paths.build, paths.lastRun, paths.withdrawn, paths.unfetched];
    const folders = [paths.plans, paths.manifests, paths.parts, paths.annotations];
    const told = (path: string): Promise<string> => store.stat(path).then(stampOf);
    const toldOfFolder = (path: string): Promise<string> =>
      store.conditional === null ? told(path) : digestOf(store.conditional.beginning(`${path}/`));
    return (await Promise.all([...files.map(told), ...folders.map(toldOfFolder)])).join("|");
  }

  async #read(): Promise<BookView | null> {
    const build = await this.records.readBuild();
    if (build === null) return null;
    const books = await this.#standing.read();
    const status = statusOf(build, books, noQueue);
    return { build, status, books, version: (this.#view?.version ?? 0) + 1 };
  }
}

function stampOf(stat: FileStat | null): string {
  return stat === null ? "-" : `${stat.identity} ${stat.modifiedMs} ${stat.sizeBytes}`;
}

async function digestOf(listing: Promise<readonly FileStat[]>): Promise<string> {
  const digest = createHash("sha256");
  for (const { path, identity } of await listing) digest.update(`${path} ${identity}\n`);
  return digest.digest("hex");
}
