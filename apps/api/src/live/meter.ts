import { noPace, type Pace, paceWith, type ShardProgress, timeLeft, type WorkLeft } from "@shardmill/core";
import type { Meter } from "../contract/index.ts";

interface Amounts {
  packed: number;
  frames: number;
  bytes: number;
}

const bucketMs = 5_000;
/** Rates are over the last half minute. */
const rateBuckets = 6;

/**
 * The pace of one build, added up from what its jobs tell: each tells totals of its own shard, so that the difference to
 * what it told before is what happened since.
 */
export class BuildMeter {
  /** What is at work, and what it told last; null: nothing yet. */
  readonly #told = new Map<string, ShardProgress | null>();
  readonly #buckets = new Map<number, Amounts>();
  #lastAt: number | null = null;
  #pace: Pace = noPace;
  #members = 0;
  decodeSeconds = 0;

  heard(at: number): void {
    this.#lastAt = at;
  }

  began(job: string, at: number): void {
    this.#told.set(job, null);
    this.#mark(at);
  }

  add(job: string, told: ShardProgress, at: number): void {
    // What a job had done before anybody listened is of another time.
    const before = this.#told.has(job) ? this.#told.get(job) : told;
    // A job that tells less than before was begun again.
    const since = (of: (one: ShardProgress) => number): number =>
      before == null || of(told) < of(before) ? of(told) : of(told) - of(before);
    const bucket = this.#bucketAt(at);
    bucket.packed += since((one) => one.packed);
    bucket.frames += since((one) => one.frames);
    bucket.bytes += since((one) => one.bytesRead);
    this.decodeSeconds += since((one) => one.decodeSeconds);
    this.#members += since((one) => one.done);
    this.#told.set(job, told);
    this.#mark(at);
  }

  ended(job: string, at: number): void {
    this.#told.delete(job);
    this.#mark(at);
  }

  read(at: number, left: WorkLeft | null): Meter {
    const newest = Math.floor(at / bucketMs);
    const recent: Amounts[] = [];
    for (let n = newest - rateBuckets; n <= newest; n += 1) recent.push(this.#buckets.get(n) ?? nothing);
    const seconds = (bucketMs / 1_000) * rateBuckets + (at % bucketMs) / 1_000;
    const rate = (of: (one: Amounts) => number): number =>
      recent.reduce((sum, one) => sum + of(one), 0) / seconds;
    const time = left === null || left.members === 0 ? null : timeLeft(this.#pace, left);
    return {
      samplesPerS: rate((one) => one.packed),
      framesPerS: rate((one) => one.frames),
      bytesPerS: rate((one) => one.bytes),
      eta: time === null ? null : { lowS: time.fromSeconds, highS: time.toSeconds },
      silentS: this.#lastAt === null ? null : Math.max(0, (at - this.#lastAt) / 1_000),
    };
  }

  #mark(atMs: number): void {
    this.#pace = paceWith(this.#pace, { atMs, members: this.#members, isWorking: this.#told.size > 0 });
  }

  #bucketAt(at: number): Amounts {
    const number = Math.floor(at / bucketMs);
    const found = this.#buckets.get(number);
    if (found !== undefined) return found;
    const made = { ...nothing };
    this.#buckets.set(number, made);
    for (const old of this.#buckets.keys()) if (old < number - rateBuckets) this.#buckets.delete(old);
    return made;
  }
}

const nothing: Amounts = Object.freeze({ packed: 0, frames: 0, bytes: 0 });
