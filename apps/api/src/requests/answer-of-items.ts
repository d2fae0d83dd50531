import type { PartStatus, RetryItem } from "@shardmill/pipeline";
import type { RequestAnswer } from "../contract/index.ts";

export interface MoreOfAnswer {
  readonly leftAlone?: number;
  readonly stale?: readonly PartStatus[];
  readonly remarks?: readonly string[];
}

/** What a request runs, or would run, as every answer of this service tells it. */
export function answerOfItems(
  state: RequestAnswer["state"],
  dataset: string,
  build: string | null,
  items: readonly RetryItem[],
  more: MoreOfAnswer = {},
): RequestAnswer {
  const sum = (of: (item: RetryItem) => number | null): number | null =>
    items.reduce<number | null>((total, item) => {
      const one = of(item);
      return total === null || one === null ? null : total + one;
    }, 0);
  return {
    state,
    dataset,
    build,
    items: items.map(({ label, why, shards, samples, bytes }) => ({ label, why, shards, samples, bytes })),
    totals: {
      parts: items.length,
      shards: sum(({ shards }) => shards),
      samples: sum(({ samples }) => samples),
      bytes: sum(({ bytes }) => bytes) ?? 0,
    },
    leftAlone: more.leftAlone ?? 0,
    stale: (more.stale ?? []).map(({ label, error }) => ({ label, why: error?.detail ?? "" })),
    remarks: [...(more.remarks ?? [])],
  };
}
