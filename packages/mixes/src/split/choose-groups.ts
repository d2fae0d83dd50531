import { seededOrder } from "./seeded-order.ts";

/** A group with samples in a pool. */
export interface Candidate {
  readonly group: string;
  /** Its samples in the pool. */
  readonly inside: number;
  /** Its samples elsewhere in training: left out of it where the group is chosen. */
  readonly outside: number;
}

export interface Choice {
  /** How many samples of each chosen group are taken; all that it has in the pool but of the last one. */
  readonly takes: readonly { readonly group: string; readonly take: number }[];
  readonly got: number;
  /** Of groups that lie wholly in the pool. */
  readonly closed: number;
  /** Left out of training without being chosen. */
  readonly excluded: number;
  /** Samples in the pool of groups that would cost more than the budget. */
  readonly refused: number;
}

/**
 * Groups for a quota: first those that lie wholly in the pool, in seeded order; then those that cost the fewest samples elsewhere for
 * each that is got, as long as the budget lasts.
 */
export function chooseGroups(
  candidates: readonly Candidate[],
  { quota, budget, seed }: { readonly quota: number; readonly budget: number; readonly seed: number },
): Choice {
  const order = seededOrder(candidates, seed, ({ group }) => group);
  const cost = ({ inside, outside }: Candidate): number => outside / inside;
  // A stable sort: those that cost alike stay in seeded order.
  const ordered = order.toSorted((a, b) => cost(a) - cost(b));
  const takes: { group: string; take: number }[] = [];
  const passed: Candidate[] = [];
  const sum = { got: 0, closed: 0, excluded: 0, refused: 0 };
  const add = ({ group, inside, outside }: Candidate, take: number): void => {
    takes.push({ group, take });
    sum.got += take;
    if (outside === 0) sum.closed += take;
    sum.excluded += outside + inside - take;
  };
  for (const one of ordered) {
    if (sum.got >= quota) break;
    const fits = sum.got + one.inside <= quota;
    const isDear = sum.excluded + one.outside > budget;
    if (isDear) sum.refused += one.inside;
    if (fits && !isDear) add(one, one.inside);
    else passed.push(one);
  }
  // What is lacking is less than any of these has: part of one, and the rest of it goes.
  const rest = ({ inside, outside }: Candidate): number => outside + inside - (quota - sum.got);
  const last = passed
    .filter((one) => sum.got + one.inside > quota && sum.excluded + rest(one) <= budget)
    .reduce<Candidate | null>((best, one) => (best === null || rest(one) < rest(best) ? one : best), null);
  if (sum.got < quota && last !== null) add(last, quota - sum.got);
  return { takes, ...sum };
}
