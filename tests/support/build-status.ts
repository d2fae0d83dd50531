import { join } from "node:path";
import { jsonOf, type ReadSample, readSamples, tarsIn } from "./read-shards.ts";
import { shardmillJson } from "./shardmill.ts";

export interface PartOfStatus {
  readonly label: string;
  readonly state: string;
  readonly members: number | null;
  readonly packed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly byCode: Readonly<Record<string, number>>;
  readonly shards: { readonly done: number; readonly total: number | null };
  readonly error: { readonly code: string; readonly detail: string } | null;
}

export interface StatusOfBuild {
  readonly parts: readonly PartOfStatus[];
  readonly totals: {
    readonly unmatched: number | null;
    readonly notFetched: number | null;
    readonly samples: number;
  };
  readonly remarks: readonly string[];
}

export function statusOf(dataset: string, out: string): Promise<StatusOfBuild> {
  return shardmillJson<StatusOfBuild>(["status", dataset, "--out", out]);
}

/** Parts with something to tell, by label. */
export async function partsByLabel(dataset: string, out: string): Promise<Record<string, PartOfStatus>> {
  const { parts } = await statusOf(dataset, out);
  return Object.fromEntries(parts.map((part) => [part.label, part]));
}

/** Every sample of a dataset's shards, by key. */
export function samplesByKey(folder: string): Map<string, ReadSample & { json: Record<string, unknown> }> {
  const samples = tarsIn(folder).flatMap((tar) => readSamples(join(folder, tar)));
  return new Map(samples.map((sample) => [sample.key, { ...sample, json: jsonOf(sample) }]));
}
