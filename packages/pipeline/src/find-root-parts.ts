import { type BuildRecord, partLabel } from "@shardmill/core";
import { askedOf } from "./asked-parts.ts";
import type { BuildContext } from "./context.ts";
import { rootMediaOf } from "./list-root-media.ts";

/**
 * The build with the parts that the user's roots can fill, beside those it had. Only subsets that were asked for, all of
 * whose parts have been read: a root serves only what the source does not hold (decisions.md 29).
 */
export async function findRootParts(context: BuildContext, signal: AbortSignal): Promise<BuildRecord> {
  const { build } = context;
  if (build.dataset.annotations.kind !== "files") return build;
  const known = new Set(build.parts.map(partLabel));
  const added: BuildRecord["parts"][number][] = [];
  for (const subset of askedSubsets(build))
    for await (const { part } of rootMediaOf(context, subset, signal)) {
      if (known.has(partLabel(part))) continue;
      known.add(partLabel(part));
      added.push({ ...part, archive: "roots", pieces: [], absent: null });
    }
  return added.length === 0 ? build : { ...build, parts: [...build.parts, ...added] };
}

/** A subset without parts of its own is asked for when everything is. */
function askedSubsets(build: BuildRecord): (string | null)[] {
  const own = build.parts.filter((part) => part.archive !== "roots");
  const { everything, parts } = askedOf(build);
  const asked = new Set(parts.map((part) => part.subset));
  const withParts = new Set(own.map((part) => part.subset));
  const subsets = new Set(build.annotationFiles.map((file) => file.subset));
  return [...subsets].filter(
    (subset) => asked.has(subset) || (everything && (subset === null || !withParts.has(subset))),
  );
}
