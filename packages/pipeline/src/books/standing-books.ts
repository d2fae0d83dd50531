import type { Clock } from "@shardmill/core";
import type { Records } from "@shardmill/store";
import { type Books, readBooks, readBooksSince } from "./read-books.ts";

/** Every file is looked at again after this long, whatever seems to have changed. */
const wholeAfterMs = 30_000;
/** And, of a large output, no oftener than a twentieth of the time allows: a look at a shard's files takes some 50 µs. */
const wholeMsAShard = 1;
/** As much for those who do not wait for what was committed since: it takes some 4 µs for each shard that there is. */
const sinceMsAShard = 0.08;

interface Pace {
  readonly wholeMsAShard: number;
  readonly sinceMsAShard: number;
}

/**
 * The books of a dataset for somebody who reads them over and over while shards are committed: what was read is not read
 * again, and every file of a large output is looked at as often as that is cheap.
 */
export class StandingBooks {
  readonly #records: Records;
  readonly #clock: Clock;
  readonly #pace: Pace;
  #books: Books | null = null;
  /** Of the list of withdrawn samples: where it has changed, manifests were replaced under their names. */
  #withdrawn: string | null = null;
  /** When a look at every file ended last, and when any reading did. */
  #wholeAt = Number.NEGATIVE_INFINITY;
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(records: Records, clock: Clock, pace: Partial<Pace> = {}) {
    this.#records = records;
    this.#clock = clock;
    this.#pace = { wholeMsAShard, sinceMsAShard, ...pace };
  }

  /** Time for a look at every file. */
  get isWholeDue(): boolean {
    return (
      this.#clock.now() - this.#wholeAt > Math.max(wholeAfterMs, this.#shards * this.#pace.wholeMsAShard)
    );
  }

  /** In how many milliseconds it is time to read again, for somebody who does not wait for it. */
  get dueInMs(): number {
    return Math.max(0, this.#readAt + this.#shards * this.#pace.sinceMsAShard - this.#clock.now());
  }

  /** What was read last, for as long as it is not time to read again. */
  async readWhenDue(): Promise<Books> {
    return this.#books !== null && this.dueInMs > 0 ? this.#books : this.read();
  }

  async read(): Promise<Books> {
    const withdrawn = await this.#records.withdrawnStamp();
    const before = this.isWholeDue || withdrawn !== this.#withdrawn ? null : this.#books;
    this.#withdrawn = withdrawn;
    this.#books = await (before === null ? readBooks(this.#records) : readBooksSince(this.#records, before));
    this.#readAt = this.#clock.now();
    if (before === null) this.#wholeAt = this.#readAt;
    return this.#books;
  }

  get #shards(): number {
    return this.#books?.manifests.length ?? 0;
  }
}
