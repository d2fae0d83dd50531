import { seededRandom } from "../../core/testing/seeded.ts";

/** Bytes that look random, are the same every time, and do not compress. */
export function noise(bytes: number, seed = 1): Buffer {
  const buffer = Buffer.allocUnsafeSlow(bytes);
  const next = seededRandom(seed);
  for (let at = 0; at < bytes; at++) buffer[at] = next() & 0xff;
  return buffer;
}
