/** Parts as `--parts` names them: `0-3,7`, `ai2d:0-3,ai2d:9`. Their order and what is named twice do not matter. */
export function partsTextOf(
  parts: Iterable<{ readonly subset: string | null; readonly part: number }>,
): string {
  const bySubset = new Map<string | null, Set<number>>();
  for (const { subset, part } of parts) bySubset.set(subset, (bySubset.get(subset) ?? new Set()).add(part));
  const words: string[] = [];
  for (const [subset, numbers] of bySubset)
    for (const [first, last] of runsOf(numbers))
      words.push(`${subset === null ? "" : `${subset}:`}${first}${last === first ? "" : `-${last}`}`);
  return words.join(",");
}

function runsOf(numbers: ReadonlySet<number>): [number, number][] {
  const runs: [number, number][] = [];
  for (const number of [...numbers].toSorted((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run !== undefined && run[1] === number - 1) run[1] = number;
    else runs.push([number, number]);
  }
  return runs;
}
