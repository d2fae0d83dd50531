import { type BuildRecord, type Manifest, type PartsFound, partLabel } from "@shardmill/core";

/**
 * The parts of a build's record: those of the listing, those that the user's roots filled, and those that the source had
 * when shards of them were made and has no more.
 */
export function recordedParts(
  { parts }: Pick<PartsFound, "parts">,
  before: BuildRecord | null,
  manifests: readonly Manifest[],
): BuildRecord["parts"] {
  const listed = new Set(parts.map(partLabel));
  const kept = shardsByLabel(manifests);
  return [
    ...parts.map((part) => ({
      subset: part.subset,
      part: part.part,
      archive: part.archive,
      pieces: part.kind === "present" ? [...part.pieces] : [],
      absent:
        part.kind === "absent"
          ? { code: part.code, reason: withKept(part.reason, kept.get(part.label)) }
          : null,
      // Told when the source is looked at.
      revision: null,
      now: null,
    })),
    ...(before?.parts ?? []).flatMap((part): BuildRecord["parts"] => {
      const shards = kept.get(partLabel(part));
      if (listed.has(partLabel(part))) return [];
      if (part.archive === "roots") return [part];
      if (shards === undefined) return [];
      const reason = withKept("no longer at the source", shards);
      return [{ ...part, pieces: [], absent: { code: "part_absent", reason } }];
    }),
  ];
}

/** A line for each part that has shards and that the source does not have any more: it is neither done nor forgotten. */
export function vanishedRemarks(
  { parts }: Pick<PartsFound, "parts">,
  before: BuildRecord | null,
  manifests: readonly Manifest[],
): string[] {
  const present = parts.filter(({ kind }) => kind === "present");
  const roots = before?.parts.filter(({ archive }) => archive === "roots") ?? [];
  const known = new Set([...present, ...roots].map(partLabel));
  return [...shardsByLabel(manifests)]
    .filter(([label]) => !known.has(label))
    .map(([label, shards]) => withKept(`${label}: no longer at the source`, shards));
}

function withKept(reason: string, shards: number | undefined): string {
  if (shards === undefined) return reason;
  return `${reason}; ${shards === 1 ? "a shard" : `${shards} shards`} made of it before ${shards === 1 ? "is" : "are"} kept`;
}

function shardsByLabel(manifests: readonly Manifest[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const manifest of manifests)
    counts.set(partLabel(manifest), (counts.get(partLabel(manifest)) ?? 0) + 1);
  return counts;
}
