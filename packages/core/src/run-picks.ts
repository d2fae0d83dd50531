import type { ClipSpan } from "./media.ts";
import type { Recipe } from "./recipe.ts";

/** A run of pictures in one folder: how many there are, and how many of them are a second's; null where nobody knows. */
export interface PictureRun {
  readonly count: number;
  readonly fps: number | null;
}

type PickSettings = Pick<Recipe, "fps" | "maxFrames" | "align" | "overflow">;

/** Times are sums of fractions: this far from a whole number they are one. */
const epsilon = 1e-9;

/**
 * Which pictures of a run are taken, by their place in it. With a rate as of a clip that has these frames (FFmpeg's `fps` filter,
 * round=near), or of a stretch of it; without one the first ones, or evenly over all.
 */
export function pickOfRun(run: PictureRun, settings: PickSettings, span: ClipSpan | null = null): number[] {
  const { count, fps: rate } = run;
  if (rate === null) return span === null ? pickWithoutClock(count, settings) : [];
  const from = span?.startS ?? 0;
  const to = Math.min(span?.endS ?? Number.POSITIVE_INFINITY, count / rate);
  const first = Math.ceil(from * rate - epsilon);
  const last = Math.ceil(to * rate - epsilon) - 1;
  if (first > last) return [];
  const shownAt = (seconds: number): number => {
    const place =
      settings.align === "center"
        ? Math.ceil((from + seconds) * rate - epsilon) - 1
        : Math.floor((from + seconds) * rate + epsilon);
    return Math.max(first, Math.min(last, place));
  };
  const within = settings.align === "center" ? 0.5 : 0;
  const slots = Math.round((to - from) * settings.fps);
  if (slots === 0) return [shownAt((to - from) / 2)];
  const isSpread = slots > settings.maxFrames && settings.overflow === "uniform";
  const taken = Math.min(slots, settings.maxFrames);
  const step = isSpread ? (to - from) / taken : 1 / settings.fps;
  return Array.from({ length: taken }, (_, slot) => shownAt((slot + within) * step));
}

function pickWithoutClock(count: number, { maxFrames, overflow }: PickSettings): number[] {
  const taken = Math.min(count, maxFrames);
  if (count <= maxFrames || overflow === "truncate") return Array.from({ length: taken }, (_, at) => at);
  // The middle of each of so many equal stretches.
  return Array.from({ length: taken }, (_, at) => Math.floor(((at + 0.5) * count) / taken));
}
