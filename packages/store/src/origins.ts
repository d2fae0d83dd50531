import type { BuildRecord } from "@shardmill/core";
import { openRecords } from "./open-records.ts";
import type { Records } from "./records.ts";

type MadeFrom = Pick<BuildRecord, "source" | "parts">;

/** What the source of an output is called that a split has made. */
export const splitSource = "split:";

/** Whether a split has made an output: no recipe is behind its samples, which are as they lie elsewhere. */
export function isOfSplit({ source }: Pick<BuildRecord, "source">): boolean {
  return source.kind === "output" && source.name.startsWith(splitSource);
}

/** The outputs that an output is made from: one, or of a split those that its samples are taken of, each a subset of it. */
export function originsOf({ source, parts }: MadeFrom): string[] {
  if (source.kind !== "output") return [];
  if (!isOfSplit({ source })) return [source.location];
  return [...new Set(parts.flatMap(({ subset }) => subset ?? []))];
}

/** An output's records, and those of all that it comes from, each once; of one that is gone there are none. */
export async function recordsWithOrigins(records: Records, build: MadeFrom): Promise<Records[]> {
  const found = new Map([[records.dataset, records]]);
  const open = originsOf(build);
  for (let name = open.shift(); name !== undefined; name = open.shift()) {
    if (found.has(name)) continue;
    const origin = openRecords(records.store, name);
    found.set(name, origin);
    const made = await origin.readBuild();
    if (made !== null) open.push(...originsOf(made));
  }
  return [...found.values()];
}
