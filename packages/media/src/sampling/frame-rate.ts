import type { Fraction } from "./packet-table.ts";

/** The recipe's frames per second as a fraction: 29.97 is 2997/100, 0.5 is 1/2, 1/3 written as 0.333333333 is 1/3. */
export function frameRate(fps: number): Fraction {
  for (let den = 1; den <= 1001; den += 1) {
    const num = Math.round(fps * den);
    if (num > 0 && Math.abs(fps - num / den) <= 1e-9 * fps) return { num, den };
  }
  return { num: Math.max(1, Math.round(fps * 1_000_000)), den: 1_000_000 };
}
