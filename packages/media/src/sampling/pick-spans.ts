import type { ClipSpan } from "@shardmill/core";
import { type ClipClock, type FramePicks, type PickSettings, pickFrames } from "./pick-frames.ts";
import type { ShownFrame } from "./shown-frames.ts";

/** Picks of a whole clip, or of several stretches of it one after the other. */
export interface ClipPicks extends FramePicks {
  /** Of each stretch, how many there would be; null for a whole clip. */
  readonly expectedOf: readonly number[] | null;
}

export type SpanSettings = PickSettings & { readonly spans?: readonly ClipSpan[] | undefined };

/** Chooses the frames of a clip, or of each of the stretches that the settings name: as pickFrames does for each alone. */
export function pickSpans(
  frames: readonly ShownFrame[],
  clock: ClipClock,
  settings: SpanSettings,
): ClipPicks {
  const { spans } = settings;
  if (spans === undefined) return { ...pickFrames(frames, clock, settings), expectedOf: null };
  const each = spans.map(({ startS, endS }) =>
    pickFrames(frames, clock, { ...settings, startS, ...(endS === null ? {} : { endS }) }),
  );
  return {
    picks: each.flatMap(({ picks }, span) => picks.map((pick) => ({ ...pick, span }))),
    expected: each.reduce((sum, { expected }) => sum + expected, 0),
    expectedOf: each.map(({ expected }) => expected),
  };
}

/** What came of a clip, held against what its packets had promised. */
export function withPromise(picks: ClipPicks, promised: ClipPicks | null): ClipPicks {
  return {
    ...picks,
    expected: Math.max(picks.expected, promised?.expected ?? 0),
    expectedOf:
      picks.expectedOf?.map((expected, span) => Math.max(expected, promised?.expectedOf?.[span] ?? 0)) ??
      null,
  };
}
