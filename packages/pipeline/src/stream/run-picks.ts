import { sampleText } from "@shardmill/catalogue";
import { type AnnotationRecord, type ClipSpan, pickOfRun, type Recipe } from "@shardmill/core";
import type { BuildContext } from "../context/build-context.ts";

/** What of a run of pictures is read: the places that any of its samples shows. */
export function placesWanted(
  context: BuildContext,
  records: readonly AnnotationRecord[],
  count: number,
): readonly number[] {
  const fps = context.dataset.frames?.fps ?? null;
  const spans = spansOf(context, records);
  const places = spans.flatMap((span) => pickOfRun({ count, fps }, context.build.recipe, span));
  return [...new Set(places)].sort((a, b) => a - b);
}

/** The stretches that records speak of; the whole where they have no bounds. */
function spansOf(
  { dataset }: BuildContext,
  records: readonly AnnotationRecord[],
): readonly (ClipSpan | null)[] {
  if (dataset.bounds === undefined) return [null];
  return records.flatMap((record) => {
    const found = sampleText(dataset, [record]);
    return found.kind === "ok" ? [found.span] : [];
  });
}

/** How a stream's runs are read, whose records are not known before they have passed. */
export function runOptions({ dataset, build }: BuildContext) {
  const { recipe } = build;
  const fps = dataset.frames?.fps ?? null;
  return {
    // Stretches may want any of them.
    pick: (count: number) =>
      dataset.bounds === undefined
        ? pickOfRun({ count, fps }, recipe)
        : Array.from({ length: count }, (_, place) => place),
    onlyFirst: firstOnly(recipe, fps, dataset.bounds !== undefined),
  };
}

function firstOnly({ overflow, maxFrames }: Recipe, fps: number | null, isBounded: boolean): number | null {
  return overflow === "truncate" && fps === null && !isBounded ? maxFrames : null;
}
