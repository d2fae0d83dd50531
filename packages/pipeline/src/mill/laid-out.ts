import { type BuildRecord, layoutOf, type PlannedMember } from "@shardmill/core";
import { framesOf, layOut, type SampleMember } from "@shardmill/shards";
import { type Outcome, packed } from "./outcome.ts";

/** An output that lays out the samples of another: their texts, tokens and pictures are taken as they are, and nothing is made. */
export function copiesSamples({ recipe, source }: Pick<BuildRecord, "recipe" | "source">): boolean {
  return source.kind === "output" && layoutOf(recipe) !== null;
}

/** A sample of another output as it lies there. */
export function copiedSample(planned: PlannedMember, members: readonly SampleMember[]): Outcome {
  const sample = { key: planned.name, members };
  return packed(planned, {
    samples: [sample],
    texts: { detail: null, tokens: undefined },
    pictures: { files: framesOf(sample, null), seconds: 0, attempts: 1 },
  });
}

/** What became of a member, in the layout that the recipe asks for. */
export function laidOut({ recipe }: Pick<BuildRecord, "recipe">, outcome: Outcome): Outcome {
  const layout = layoutOf(recipe);
  if (layout === null || outcome.samples.length === 0) return outcome;
  const before = sumOf(outcome.samples, (sample) => framesOf(sample, null).length);
  const samples = outcome.samples.map((sample) => layOut(sample, layout));
  const after = sumOf(samples, ({ frames }) => frames);
  if (after === before) return { ...outcome, samples };
  return { ...outcome, samples, line: cutLine(outcome, before, after) };
}

/** The frames of a member are counted once, however many of its samples show them. */
function cutLine({ line, samples }: Outcome, before: number, after: number): Outcome["line"] {
  const isShared = samples.length > 1 && line.frames !== before;
  const times = isShared ? samples.length : 1;
  const detail = `${after / times} of ${before / times} frames`;
  return {
    ...line,
    frames: after / times,
    detail: line.detail === null ? detail : `${line.detail}; ${detail}`,
  };
}

function sumOf<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((sum, one) => sum + of(one), 0);
}
