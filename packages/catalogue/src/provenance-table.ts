import type { Dataset } from "@shardmill/core";
import { classifyMedia, type MediaFacts, type MediaPlace } from "./classify-media.ts";

/** A line of `shardmill provenance`: a prefix and where the media of its records are. */
export interface ProvenanceRow {
  /** Empty for names without a folder. */
  readonly prefix: string;
  readonly upstream: string | null;
  readonly remedy: string;
  readonly records: number;
  /** Records by place; they add up to `records`. */
  readonly places: Readonly<Record<MediaPlace, number>>;
}

/** Counts every record of the annotations under its prefix. Reads the records once, keeps only the counts. */
export async function provenanceTable(
  dataset: Dataset,
  records: AsyncIterable<{ readonly subset: string | null; readonly media: string }>,
  facts: MediaFacts,
): Promise<ProvenanceRow[]> {
  const rows = new Map<string, ProvenanceRow & { records: number; places: Record<MediaPlace, number> }>();
  for (const { prefix, upstream, remedy } of dataset.provenance)
    rows.set(prefix, { prefix, upstream, remedy, records: 0, places: noPlaces() });
  for await (const record of records) {
    const { prefix, place } = classifyMedia(dataset, record, facts);
    const row = rows.get(prefix) ?? {
      prefix,
      upstream: null,
      remedy: "",
      records: 0,
      places: noPlaces(),
    };
    row.records += 1;
    row.places[place] += 1;
    rows.set(prefix, row);
  }
  return [...rows.values()].sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
}

function noPlaces(): Record<MediaPlace, number> {
  return { hosted: 0, expected: 0, absent_in_parts: 0, external: 0, mixed: 0, local: 0, unknown: 0 };
}
