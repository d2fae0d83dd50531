import type { Cause, ComparedSample } from "./compared-set.ts";
import type { Join } from "./join.ts";

/** What samples are looked up by. */
export interface EqualBy {
  readonly cause: Cause;
  readonly valuesOf: (sample: ComparedSample) => readonly string[];
  /** What a pair says of the value that both have. */
  readonly told: (value: string) => {
    readonly of: string | null;
    readonly distances: readonly number[] | null;
  };
}

/** Pairs of samples that have a value in common. Of many that share one each stands in a pair, and not every pair of them is told. */
export function equalPairs(join: Join, by: EqualBy): void {
  const holders = new Map<string, number[]>();
  for (const [at, sample] of join.b.samples.entries())
    for (const value of by.valuesOf(sample)) {
      const some = holders.get(value);
      if (some === undefined) holders.set(value, [at]);
      else some.push(at);
    }
  for (const [one, sample] of join.a.samples.entries())
    for (const value of by.valuesOf(sample))
      tellHolders(join, by, one, { value, all: holders.get(value) ?? [] });
}

function tellHolders(
  join: Join,
  { cause, told }: EqualBy,
  one: number,
  { value, all }: { readonly value: string; readonly all: number[] },
): void {
  if (all.length === 0) return;
  for (const other of all)
    if (!join.isToldA(cause, one) || !join.isToldB(cause, other)) join.tell(cause, one, other, told(value));
  keepFew(join, cause, all);
}

/** Of those that have been told of two stay, which are no kin of each other: whoever comes is related to one of them. */
function keepFew(join: Join, cause: Cause, all: number[]): void {
  const [first = 0] = all;
  let [kept, others] = [1, 0];
  for (const other of all.slice(1)) {
    const isStranger = others === 0 && join.b.kin[first] !== join.b.kin[other];
    if (isStranger) others += 1;
    if (!isStranger && join.isToldB(cause, other)) continue;
    all[kept] = other;
    kept += 1;
  }
  all.length = kept;
}
