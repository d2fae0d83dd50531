import { type Manifest, type PartId, partLabel } from "@shardmill/core";
import type { Records } from "@shardmill/store";

const grouped = new WeakMap<readonly Manifest[], ReadonlyMap<string, readonly Manifest[]>>();

/** By label, in their order. One reading is asked by many, and may be of a hundred thousand: it is grouped once. */
export function manifestsByPart(manifests: readonly Manifest[]): ReadonlyMap<string, readonly Manifest[]> {
  const known = grouped.get(manifests);
  if (known !== undefined) return known;
  const groups = new Map<string, Manifest[]>();
  for (const manifest of manifests) {
    const label = partLabel(manifest);
    const group = groups.get(label);
    if (group === undefined) groups.set(label, [manifest]);
    else group.push(manifest);
  }
  grouped.set(manifests, groups);
  return groups;
}

/**
 * The manifests of each of the given parts, and of every part for null; then from one reading, as the folder of a build that
 * is at work would be listed anew for each of them.
 */
export async function manifestsOfParts(
  records: Records,
  parts: readonly PartId[] | null,
): Promise<(part: PartId) => Promise<readonly Manifest[]>> {
  if (parts !== null) return (part) => records.listManifests(part);
  const all = manifestsByPart(await records.listManifests());
  return async (part) => all.get(partLabel(part)) ?? [];
}
