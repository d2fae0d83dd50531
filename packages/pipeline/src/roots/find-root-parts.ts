import { type BuildRecord, type PartId, partLabel } from "@shardmill/core";
import type { BuildContext } from "../context/build-context.ts";
import { hasRoots, rootMediaOf } from "./list-root-media.ts";
import { failureOf, gatherMediaFacts, type UnreadSubset } from "./media-facts.ts";

export interface RootPartsFound {
  readonly build: BuildRecord;
  /** Subsets that were asked for and whose root parts cannot be told, since annotations or records cannot be read. */
  readonly unread: readonly UnreadSubset[];
}

/**
 * The build with the parts that the user's roots can fill, beside those it had. Only subsets that were asked for, all of
 * whose parts have been read: a root serves only what the source does not hold. A subset whose
 * annotations cannot be read has none, which keeps no other from being looked at.
 */
export async function findRootParts(context: BuildContext, signal: AbortSignal): Promise<RootPartsFound> {
  const { build } = context;
  if (build.dataset.annotations.kind !== "files" || !hasRoots(context)) return { build, unread: [] };
  const known = new Set(build.parts.map(partLabel));
  const added = new Map<string, BuildRecord["parts"][number]>();
  const subsets = askedSubsets(build);
  const facts = await gatherMediaFacts(context, signal);
  // Annotations of no subset speak of the media of all.
  const unread = facts.unread.filter(({ subset }) => subsets.includes(subset) || subsets.includes(null));
  for (const subset of subsets) {
    try {
      // A subset counts whole or not at all.
      const found = new Map<string, PartId>();
      for await (const { part } of rootMediaOf(context, subset, facts, signal))
        found.set(partLabel(part), part);
      for (const [label, part] of found)
        if (!known.has(label))
          added.set(label, {
            ...part,
            archive: "roots",
            pieces: [],
            absent: null,
            revision: null,
            now: null,
          });
    } catch (error) {
      unread.push({ subset, failure: failureOf(error, signal) });
    }
  }
  return {
    build: added.size === 0 ? build : { ...build, parts: [...build.parts, ...added.values()] },
    unread,
  };
}

/** A subset without parts of its own is asked for when everything is. */
function askedSubsets(build: BuildRecord): (string | null)[] {
  const own = build.parts.filter((part) => part.archive !== "roots");
  const { everything, parts } = build.asked;
  const asked = new Set(parts.map((part) => part.subset));
  const withParts = new Set(own.map((part) => part.subset));
  const subsets = new Set(build.annotationFiles.map((file) => file.subset));
  return [...subsets].filter(
    (subset) => asked.has(subset) || (everything && (subset === null || !withParts.has(subset))),
  );
}
