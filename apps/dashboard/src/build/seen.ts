import type { BuildSummary } from "@shardmill/api/contract";

/** A build's figures as a browser last showed them. */
export interface Seen {
  readonly at: number;
  readonly figures: Readonly<Record<string, number>>;
}

export function seenOf({ states, totals }: Pick<BuildSummary, "states" | "totals">, at: number): Seen {
  const figures = {
    "parts done": states.done ?? 0,
    "parts failed": states.failed ?? 0,
    "parts stale": states.stale ?? 0,
    shards: totals.shards,
    samples: totals.samples,
    "samples failed": totals.failed,
  };
  return { at, figures };
}

/** The figures that are others now, and by how much. */
export function changesBetween(before: Seen, now: Seen): { readonly name: string; readonly by: number }[] {
  return Object.entries(now.figures)
    .map(([name, value]) => ({ name, by: value - (before.figures?.[name] ?? value) }))
    .filter(({ by }) => by !== 0);
}
