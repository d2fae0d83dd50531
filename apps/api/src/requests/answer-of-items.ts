import type { PartStatus, RetryItem } from "@shardmill/pipeline";
import type { RequestAnswer } from "../contract/index.ts";

export interface MoreOfAnswer {
  readonly leftAlone?: number;
  readonly stale?: readonly PartStatus[];
  readonly remarks?: readonly string[];
}

/** A request as it was taken: how far it is, for which build, and the parts it runs. */
interface TakenRequest extends MoreOfAnswer {
  readonly state: RequestAnswer["state"];
  readonly dataset: string;
  /** Null before there is one. */
  readonly build: string | null;
  readonly items: readonly RetryItem[];
}

/** What a request runs, or would run, as every answer of this service tells it. */
export function answerOfItems({
  state,
  dataset,
  build,
  items,
  leftAlone,
  stale,
  remarks,
}: TakenRequest): RequestAnswer {
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
    leftAlone: leftAlone ?? 0,
    stale: (stale ?? []).map(({ label, error }) => ({ label, why: error?.detail ?? "" })),
    remarks: [...(remarks ?? [])],
  };
}
