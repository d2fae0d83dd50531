/** The same numbers from the same seed, from 0 to below 1, and what is picked by them. */
export function byChance(seed: number): { random(): number; pick<T>(all: readonly T[]): T } {
  let now = seed;
  const random = (): number => {
    now = (Math.imul(now, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return now / 0x8000_0000;
  };
  return {
    random,
    pick<T>(all: readonly T[]): T {
      const one = all[Math.floor(random() * all.length)];
      if (one === undefined) throw new Error("nothing to pick from");
      return one;
    },
  };
}
