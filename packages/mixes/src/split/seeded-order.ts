import { createHash } from "node:crypto";

/** In an order that depends on the seed and on each one's own name alone: the same wherever the names are the same. */
export function seededOrder<T>(items: readonly T[], seed: number, nameOf: (item: T) => string): T[] {
  return items
    .map((item) => ({ item, rank: rankOf(seed, nameOf(item)) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ item }) => item);
}

function rankOf(seed: number, name: string): string {
  return createHash("sha256").update(`${seed}\n${name}`).digest("hex");
}
