import type { Block } from "./block.ts";
import type { Cause, ComparedSet, RelatedPair, SampleOfPair } from "./compared-set.ts";
import type { Told } from "./told.ts";

interface Side {
  readonly set: ComparedSet;
  readonly told: Told;
}

/** Two blocks that are compared: takes every pair that is found, and passes on those that tell of a sample for the first time. */
export class Join {
  readonly a: Block;
  readonly b: Block;
  readonly #sides: { readonly a: Side; readonly b: Side };
  readonly #found: RelatedPair[] = [];

  constructor(
    blocks: { readonly a: Block; readonly b: Block },
    sides: { readonly a: Side; readonly b: Side },
  ) {
    this.a = blocks.a;
    this.b = blocks.b;
    this.#sides = sides;
  }

  isToldA(cause: Cause, sample: number): boolean {
    return this.#sides.a.told.has(this.a.first + sample, cause);
  }

  isToldB(cause: Cause, sample: number): boolean {
    return this.#sides.b.told.has(this.b.first + sample, cause);
  }

  /** Whether the two are a pair: a set with itself has none within a group, where all are related anyway. */
  #isPair(one: number, other: number): boolean {
    if (this.#sides.a.set !== this.#sides.b.set) return true;
    return this.a.kin[one] !== this.b.kin[other];
  }

  /** Whether the two are a pair, which is kept where one of them has not been told of. */
  tell(by: Cause, one: number, other: number, what: Pick<RelatedPair, "of" | "distances">): boolean {
    if (!this.#isPair(one, other)) return false;
    if (this.isToldA(by, one) && this.isToldB(by, other)) return true;
    const { a, b } = this.#sides;
    a.told.add(this.a.first + one, by);
    b.told.add(this.b.first + other, by);
    this.#found.push({ by, a: sampleOf(a.set, this.a, one), b: sampleOf(b.set, this.b, other), ...what });
    return true;
  }

  /** What was found since it was asked last. */
  take(): RelatedPair[] {
    return this.#found.splice(0);
  }
}

function sampleOf({ shards }: ComparedSet, block: Block, at: number): SampleOfPair {
  const { shard = "", subset = null } = shards[block.shards[at] ?? 0] ?? {};
  return { shard, subset, key: block.samples[at]?.key ?? "" };
}
