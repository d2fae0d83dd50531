import { differenceHash } from "@shardmill/shards";
import { seededRandom } from "../../core/testing/seeded.ts";
import type { ComparedSample, ComparedSet } from "../src/overlap/compared-set.ts";

/** The lumas of a smooth picture that looks like no other, 9 x 8. */
function anyLuma(random: () => number): Uint8Array {
  const waves = Array.from({ length: 8 }, () => ({
    x: (random() / 2 ** 32) * 5 - 2.5,
    y: (random() / 2 ** 32) * 5 - 2.5,
    phase: (random() / 2 ** 32) * 2 * Math.PI,
  }));
  const luma = new Uint8Array(72);
  for (let row = 0; row < 8; row += 1)
    for (let column = 0; column < 9; column += 1) {
      const sum = waves.reduce((all, { x, y, phase }) => all + Math.sin(x * column + y * row + phase), 0);
      luma[row * 9 + column] = Math.round(128 + 20 * sum);
    }
  return luma;
}

/** The same with some of its bits turned, as another encoding has them. */
export function nearPrint(print: string, bits: readonly number[]): string {
  let value = BigInt(`0x${print}`);
  for (const bit of bits) value ^= 1n << BigInt(bit);
  return value.toString(16).padStart(16, "0");
}

/** Prints of pictures that are all unlike each other, one after the other. */
export function unlikePrints(seed: number): () => string {
  const random = seededRandom(seed);
  return () => differenceHash(anyLuma(random));
}

/** A clip by the prints of its three frames. */
export function aClip(
  number: number,
  frames: readonly string[],
  more: Partial<ComparedSample> = {},
): ComparedSample {
  const key = `clips-p0000-${String(number).padStart(6, "0")}`;
  return { key, group: null, pictures: [], frames, ...more };
}

/** Samples in shards of so many. */
export function aComparedSet(
  name: string,
  samples: readonly ComparedSample[],
  {
    perShard = 100,
    entry = name,
    subsetOf = () => null,
  }: {
    readonly perShard?: number;
    readonly entry?: string;
    readonly subsetOf?: (shard: number) => string | null;
  } = {},
): ComparedSet {
  const count = Math.ceil(samples.length / perShard);
  const shards = Array.from({ length: count }, (_, at) => ({ shard: `${name}-${at}`, subset: subsetOf(at) }));
  return {
    name,
    entry,
    shards,
    read: async (shard) => {
      const at = shards.findIndex((one) => one.shard === shard);
      return samples.slice(at * perShard, (at + 1) * perShard);
    },
  };
}
