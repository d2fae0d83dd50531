import { type ArchiveKind, type PartListing, partLabel } from "@shardmill/core";
import type { SeriesFile } from "./gather-candidates.ts";

/**
 * Shards named `NNNNN-of-MMMMM`. A folder may hold leftovers of an earlier upload beside the real ones (The Cauldron's
 * okvqa once held `-of-00004` and two runs of `-of-00563`). Files with the same MMMMM are a series; it is complete when
 * each number from 0 occurs exactly once. Exactly one complete series is built; otherwise nothing of the subset is.
 */
export function completeSeries(
  subset: string | null,
  files: ReadonlyMap<number, readonly SeriesFile[]>,
  archive: ArchiveKind,
): { parts: PartListing[]; remarks: string[] } {
  const series = [...groupByLength(files)].sort(([a], [b]) => a - b);
  const complete = series.filter(([of, members]) => incompleteness(of, members) === null);
  const place = subset === null ? "the listing" : subset;
  const only = complete.length === 1 ? complete[0] : undefined;
  if (only === undefined) {
    const reason =
      complete.length > 1
        ? `${place} holds ${complete.length} complete series (${complete.map(([of]) => `-of-${of}`).join(", ")}): which one counts is not known`
        : `${place} holds no complete series: ${series.map(([of, members]) => incompleteness(of, members)).join("; ")}`;
    return { parts: refused(subset, files, archive, reason), remarks: [reason] };
  }
  const remarks = series
    .filter((entry) => entry !== only)
    .map(
      ([of, members]) =>
        `${place}: ${members.length} files of the series -of-${of} are ignored; -of-${only[0]} is complete`,
    );
  return { parts: only[1].map(([part, { file }]) => presentPart(subset, part, file, archive)), remarks };
}

type Numbered = [part: number, file: SeriesFile];

function groupByLength(files: ReadonlyMap<number, readonly SeriesFile[]>): Map<number, Numbered[]> {
  const groups = new Map<number, Numbered[]>();
  for (const [part, candidates] of [...files].sort(([a], [b]) => a - b))
    for (const candidate of candidates) {
      const of = candidate.of ?? 0;
      const group = groups.get(of) ?? [];
      group.push([part, candidate]);
      groups.set(of, group);
    }
  return groups;
}

function incompleteness(of: number, members: readonly Numbered[]): string | null {
  const numbers = new Set(members.map(([part]) => part));
  if (numbers.size < members.length) return `-of-${of} has a number twice (two uploads mixed)`;
  const lacking = Array.from({ length: of }, (_, n) => n).find((n) => !numbers.has(n));
  if (lacking !== undefined) return `-of-${of} lacks number ${lacking} (${members.length} of ${of} there)`;
  return numbers.size > of ? `-of-${of} has ${numbers.size} files` : null;
}

function refused(
  subset: string | null,
  files: ReadonlyMap<number, readonly SeriesFile[]>,
  archive: ArchiveKind,
  reason: string,
): PartListing[] {
  return [...files.keys()].map((part) => ({
    kind: "absent",
    subset,
    part,
    label: partLabel({ subset, part }),
    archive,
    code: "series_incomplete",
    reason,
  }));
}

function presentPart(
  subset: string | null,
  part: number,
  file: SeriesFile["file"],
  archive: ArchiveKind,
): PartListing {
  const label = partLabel({ subset, part });
  return { kind: "present", subset, part, label, archive, pieces: [file], sizeBytes: file.sizeBytes };
}
