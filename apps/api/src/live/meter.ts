import type { ShardProgress } from "@shardmill/core";
import type { Meter } from "../contract/index.ts";

interface Amounts {
  members: number;
  packed: number;
  frames: number;
  bytes: number;
}

const bucketMs = 5_000;
/** Rates are over the last half minute; their spread over the last ten minutes. */
const rateBuckets = 6;
const keptBuckets = 120;

/** How much is left to do, as far as the records tell. */
export interface Remaining {
  readonly members: number;
  /** Of those, in parts whose members have not been counted yet. */
  readonly estimated: number;
}

/**
 * The pace of one build, added up from what its jobs tell: each tells totals of its own shard, so that the difference to
 * what it told before is what happened since.
 */
export class BuildMeter {
  readonly #told = new Map<string, ShardProgress>();
  readonly #buckets = new Map<number, Amounts>();
  #lastAt: number | null = null;
  decodeSeconds = 0;

  heard(at: number): void {
    this.#lastAt = at;
  }

  add(job: string, told: ShardProgress, at: number): void {
    const before = this.#told.get(job);
    // A job that tells less than before was begun again.
    const since = (of: (one: ShardProgress) => number): number =>
      before === undefined || of(told) < of(before) ? of(told) : of(told) - of(before);
    const bucket = this.#bucketAt(at);
    bucket.members += since((one) => one.done);
    bucket.packed += since((one) => one.packed);
    bucket.frames += since((one) => one.frames);
    bucket.bytes += since((one) => one.bytesRead);
    this.decodeSeconds += since((one) => one.decodeSeconds);
    this.#told.set(job, told);
  }

  ended(job: string): void {
    this.#told.delete(job);
  }

  read(at: number, remaining: Remaining | null): Meter {
    const newest = Math.floor(at / bucketMs);
    const recent: Amounts[] = [];
    for (let n = newest - rateBuckets; n <= newest; n += 1) recent.push(this.#buckets.get(n) ?? nothing);
    const seconds = (bucketMs / 1_000) * rateBuckets + (at % bucketMs) / 1_000;
    const rate = (of: (one: Amounts) => number): number =>
      recent.reduce((sum, one) => sum + of(one), 0) / seconds;
    return {
      samplesPerS: rate((one) => one.packed),
      framesPerS: rate((one) => one.frames),
      bytesPerS: rate((one) => one.bytes),
      eta: remaining === null ? null : this.#eta(newest, remaining),
      silentS: this.#lastAt === null ? null : Math.max(0, (at - this.#lastAt) / 1_000),
    };
  }

  /**
   * From the mean pace of the last ten minutes and its spread: one standard deviation of a minute's pace to each side, at
   * least 10 %, and a fifth more on what is only estimated.
   */
  #eta(newest: number, { members, estimated }: Remaining): Meter["eta"] {
    const paces: number[] = [];
    const [oldest] = this.#buckets.keys();
    if (oldest === undefined || members <= 0) return null;
    for (let n = oldest; n < newest; n += 1)
      paces.push((this.#buckets.get(n)?.members ?? 0) / (bucketMs / 1_000));
    const mean = paces.reduce((sum, pace) => sum + pace, 0) / paces.length;
    if (paces.length < 2 || mean <= 0) return null;
    const variance = paces.reduce((sum, pace) => sum + (pace - mean) ** 2, 0) / (paces.length - 1);
    const share = Math.min(0.8, Math.max(0.1, Math.sqrt(variance / 12) / mean));
    return {
      lowS: (members - 0.2 * estimated) / (mean * (1 + share)),
      highS: (members + 0.2 * estimated) / (mean * (1 - share)),
    };
  }

  #bucketAt(at: number): Amounts {
    const number = Math.floor(at / bucketMs);
    const found = this.#buckets.get(number);
    if (found !== undefined) return found;
    const made = { ...nothing };
    this.#buckets.set(number, made);
    for (const old of this.#buckets.keys()) if (old <= number - keptBuckets) this.#buckets.delete(old);
    return made;
  }
}

const nothing: Amounts = Object.freeze({ members: 0, packed: 0, frames: 0, bytes: 0 });
