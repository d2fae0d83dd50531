import { blockBytes, type Clock, type MemberPace, paddingBytes, type Sums } from "@shardmill/core";
import type { Sample } from "@shardmill/shards";

/** How the members of one shard came, for estimates of a larger build; no byte of it depends on this. */
export class ShardPace {
  readonly #clock: Pick<Clock, "now">;
  readonly #steps = zero();
  readonly #gave = zero();
  readonly #bytes = zero();
  #firstS: number | null = null;
  #lastMs: number;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
    this.#lastMs = clock.now();
  }

  /** The next member has been made; those that are left out gave no sample. */
  add(samples: readonly Sample[]): void {
    const nowMs = this.#clock.now();
    // A clock may be set back.
    const seconds = Math.max(0, nowMs - this.#lastMs) / 1000;
    this.#lastMs = nowMs;
    if (this.#firstS === null) this.#firstS = seconds;
    else count(this.#steps, seconds);
    count(this.#gave, samples.length);
    for (const { members } of samples) count(this.#bytes, tarBytes(members));
  }

  /** Undefined where none was made. */
  get figures(): MemberPace | undefined {
    if (this.#firstS === null) return undefined;
    return { firstS: this.#firstS, steps: this.#steps, gave: this.#gave, bytes: this.#bytes };
  }
}

function tarBytes(members: Sample["members"]): number {
  return members.reduce((sum, { bytes: { length } }) => sum + blockBytes + length + paddingBytes(length), 0);
}

function zero(): Sums {
  return { count: 0, sum: 0, squares: 0 };
}

function count(sums: Sums, value: number): void {
  sums.count += 1;
  sums.sum += value;
  sums.squares += value * value;
}
