/** Bytes that look random, are the same every time, and do not compress. */
export function noise(bytes: number, seed = 1): Buffer {
  const buffer = Buffer.allocUnsafeSlow(bytes);
  const next = seededRandom(seed);
  for (let at = 0; at < bytes; at++) buffer[at] = next() & 0xff;
  return buffer;
}

/** A seeded stream of 32-bit numbers (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}
