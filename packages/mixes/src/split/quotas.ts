/** A quota over several shares, proportional to their samples, to the last sample: the largest remainders get what is left. */
export function quotasOf(quota: number, samples: readonly number[]): number[] {
  const all = samples.reduce((sum, one) => sum + one, 0);
  if (all === 0) return samples.map(() => 0);
  const exact = samples.map((one) => (quota * one) / all);
  const quotas = exact.map(Math.floor);
  const order = exact
    .map((value, index) => ({ index, rest: value - Math.floor(value) }))
    .sort((a, b) => b.rest - a.rest || a.index - b.index);
  let left = quota - quotas.reduce((sum, one) => sum + one, 0);
  for (const { index } of order) {
    if (left <= 0) break;
    quotas[index] = (quotas[index] ?? 0) + 1;
    left -= 1;
  }
  return quotas;
}
