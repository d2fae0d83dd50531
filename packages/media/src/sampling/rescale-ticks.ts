import type { Fraction } from "./packet-table.ts";

/**
 * Ticks of one time base in another, rounded to nearest, halves away from zero: what FFmpeg's av_rescale_q does
 * (AV_ROUND_NEAR_INF). Whole numbers throughout; BigInt only where a product leaves the safe range.
 */
export function rescaleTicks(ticks: number, from: Fraction, to: Fraction): number {
  const up = from.num * to.den;
  const down = from.den * to.num;
  const product = Math.abs(ticks) * up;
  if (Number.isSafeInteger(up) && Number.isSafeInteger(down) && Number.isSafeInteger(2 * product + down))
    return Math.sign(ticks) * floorDivide(2 * product + down, 2 * down);
  return rescaleBig(ticks, from, to);
}

function floorDivide(dividend: number, divisor: number): number {
  return (dividend - (dividend % divisor)) / divisor;
}

function rescaleBig(ticks: number, from: Fraction, to: Fraction): number {
  const up = BigInt(from.num) * BigInt(to.den);
  const down = BigInt(from.den) * BigInt(to.num);
  const product = BigInt(Math.abs(ticks)) * up;
  return Math.sign(ticks) * Number((2n * product + down) / (2n * down));
}
