import { seededRandom } from "../../core/testing/seeded.ts";

/** Fractions that look random and are the same in every run. */
export function seededFraction(seed: number): () => number {
  const next = seededRandom(seed);
  return () => next() / 2 ** 32;
}

/** One damaged copy of a clip: bytes flipped, cut off, spliced with another clip, or its headers fuzzed. */
export function damaged(clips: readonly Uint8Array[], random: () => number): Uint8Array {
  const below = (limit: number): number => Math.floor(random() * limit);
  const source = clips[below(clips.length)] ?? new Uint8Array();
  const bytes = Uint8Array.from(source);
  switch (below(5)) {
    case 0:
      for (let flips = 1 + below(40); flips > 0; flips -= 1) bytes[below(bytes.length)] = below(256);
      return bytes;
    case 1:
      return bytes.subarray(0, 1 + below(bytes.length));
    case 2: {
      const other = clips[below(clips.length)] ?? bytes;
      const cut = below(bytes.length);
      return Buffer.concat([bytes.subarray(0, cut), other.subarray(Math.min(cut, below(other.length)))]);
    }
    case 3:
      for (let flips = 1 + below(30); flips > 0; flips -= 1)
        bytes[below(Math.min(3000, bytes.length))] = below(256);
      return bytes;
    default: {
      const tail = Math.max(0, bytes.length - 4000);
      for (let flips = 1 + below(30); flips > 0; flips -= 1)
        bytes[tail + below(bytes.length - tail)] = random() < 0.3 ? 255 : below(256);
      return bytes;
    }
  }
}
