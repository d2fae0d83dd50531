import { seededOrder } from "./seeded-order.ts";

/** A group with samples in a pool. */
export interface Candidate {
  readonly group: string;
  /** What can be taken of it, in its pool and elsewhere in its share. */
  readonly samples: number;
  /** Those of them that do not lie in the pool. */
  readonly spread: number;
  /** Its samples that no quota of this share can take: left out of training where the group is chosen. */
  readonly outside: number;
}

export interface Choice {
  /** How many samples of each chosen group are taken; all that it has in the share but of the last one. */
  readonly takes: readonly { readonly group: string; readonly take: number }[];
  readonly got: number;
  /** Of groups that lie wholly in the pool. */
  readonly closed: number;
  /** Left out of training without being chosen. */
  readonly excluded: number;
  /** Samples of groups that would cost more than the budget. */
  readonly refused: number;
}

/**
 * Groups for a quota: first those that lie wholly in the pool, in seeded order; then those that are taken whole from wherever they
 * lie, the least spread first; then those that cost the fewest samples for each that is got, as long as the budget lasts.
 */
export function chooseGroups(
  candidates: readonly Candidate[],
  { quota, budget, seed }: { readonly quota: number; readonly budget: number; readonly seed: number },
): Choice {
  const order = seededOrder(candidates, seed, ({ group }) => group);
  const cost = ({ samples, outside }: Candidate): number => outside / samples;
  const width = ({ samples, spread }: Candidate): number => spread / samples;
  // A stable sort: those that are alike stay in seeded order.
  const ordered = order.toSorted((a, b) => cost(a) - cost(b) || width(a) - width(b));
  const takes: { group: string; take: number }[] = [];
  const passed: Candidate[] = [];
  const sum = { got: 0, closed: 0, excluded: 0, refused: 0 };
  const add = ({ group, samples, spread, outside }: Candidate, take: number): void => {
    takes.push({ group, take });
    sum.got += take;
    if (outside === 0 && spread === 0) sum.closed += take;
    sum.excluded += outside + samples - take;
  };
  for (const one of ordered) {
    if (sum.got >= quota) break;
    const fits = sum.got + one.samples <= quota;
    const isDear = sum.excluded + one.outside > budget;
    if (isDear) sum.refused += one.samples;
    if (fits && !isDear) add(one, one.samples);
    else passed.push(one);
  }
  // What is lacking is less than any of these has: part of one, and the rest of it goes.
  const rest = ({ samples, outside }: Candidate): number => outside + samples - (quota - sum.got);
  const last = passed
    .filter((one) => sum.got + one.samples > quota && sum.excluded + rest(one) <= budget)
    .reduce<Candidate | null>((best, one) => (best === null || rest(one) < rest(best) ? one : best), null);
  if (sum.got < quota && last !== null) add(last, quota - sum.got);
  // Those that are larger than what is lacking cost too much in part as well.
  if (sum.got < quota) sum.refused = passed.reduce((all, { samples }) => all + samples, 0);
  return { takes, ...sum };
}
