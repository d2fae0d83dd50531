import type { FrameSettings } from "@shardmill/core";
import { frameRate } from "./frame-rate.ts";
import type { PacketTable } from "./packet-table.ts";
import { rescaleTicks } from "./rescale-ticks.ts";
import type { ShownFrame } from "./shown-frames.ts";

/** One frame of the result: which shown frame it is (a long one may fill several slots), and its time. */
export interface FramePick {
  readonly frame: ShownFrame;
  readonly timeS: number;
  /** Which of several stretches it is of. */
  readonly span?: number;
}

export interface FramePicks {
  readonly picks: readonly FramePick[];
  /** How many there would be if the file held all that its container declares. */
  readonly expected: number;
}

/** With `startS` and `endS` (seconds from the clip's start) only what lies between them. */
export type PickSettings = Pick<FrameSettings, "fps" | "maxFrames" | "align" | "overflow" | "sampling"> & {
  readonly startS?: number;
  readonly endS?: number;
};

/** What the choice needs to know of a clip besides its frames. */
export type ClipClock = Pick<
  PacketTable,
  "timeBase" | "startTicks" | "codecFrameTicks" | "hasTimestamps" | "declaredEndTicks"
>;

/**
 * Chooses frames as FFmpeg's `fps` filter does (libavfilter/vf_fps.c, round=near, eof_action=round): every frame's
 * time is rounded to a whole output slot, the last frame that rounds to a slot fills it, and a frame fills all
 * slots up to the next frame's. The end is the last frame's time plus its duration, rounded the same way.
 *
 * `frames` are in the order in which they are shown, with times from the clip's start. Where a clock steps back they
 * are not in order of time: such frames are passed over until the clock is where it was, as the filter has it.
 */
export function pickFrames(
  frames: readonly ShownFrame[],
  clock: ClipClock,
  settings: PickSettings,
): FramePicks {
  const span = boundedSpan(frames, clock, settings);
  if (span.frames.length === 0) return { picks: [], expected: 0 };
  const slots = fillSlots(span, span.endTicks);
  const declaredSlots =
    span.declaredEndTicks > span.endTicks ? fillSlots(span, span.declaredEndTicks).length : slots.length;
  const chosen = chooseFrames(span, slots, settings);
  return {
    picks: timed(chosen, clock),
    expected: Math.min(settings.maxFrames, Math.max(1, declaredSlots)),
  };
}

/**
 * A clip's times never step back in its JSON. Where its clock does (two takes in a container that knows no restart), a
 * frame that fills a later slot is at least as late as the one before.
 */
function timed(chosen: readonly ShownFrame[], { timeBase }: ClipClock): FramePick[] {
  let latest = Number.NEGATIVE_INFINITY;
  return chosen.map((frame) => {
    latest = Math.max(latest, (frame.ticks * timeBase.num) / timeBase.den);
    return { frame, timeS: latest };
  });
}

/** The part of the clip that is sampled. Slot times count from `fromTicks`. */
interface Span {
  readonly frames: readonly ShownFrame[];
  readonly fromTicks: number;
  readonly endTicks: number;
  readonly declaredEndTicks: number;
  /** Slot of a time; the frame before the first one of a slot is what is shown there. */
  readonly slotOf: (ticks: number) => number;
  readonly align: PickSettings["align"];
  /** Length of a slot, ticks; a fraction is fine, as it only measures nearness. */
  readonly slotTicks: number;
}

interface Slot {
  readonly number: number;
  readonly frame: ShownFrame;
}

/** As trim does: frames from the start bound to before the end bound; times then count from the start bound. */
function boundedSpan(frames: readonly ShownFrame[], clock: ClipClock, settings: PickSettings): Span {
  const microseconds = { num: 1, den: 1_000_000 };
  const ticksOf = (seconds: number) =>
    rescaleTicks(Math.round(seconds * 1_000_000), microseconds, clock.timeBase);
  const from = settings.startS === undefined ? 0 : ticksOf(settings.startS);
  const to = settings.endS === undefined ? Number.POSITIVE_INFINITY : ticksOf(settings.endS);
  const isBounded = settings.startS !== undefined || settings.endS !== undefined;
  const inside = isBounded ? frames.filter((frame) => frame.ticks >= from && frame.ticks < to) : frames;
  const rate = frameRate(settings.fps);
  const slotBase = { num: rate.den, den: rate.num };
  // FFmpeg's `fps` filter rounds to nearest; aligning at k means that a frame after k waits for slot k + 1.
  const up = (ticks: number) => {
    const near = rescaleTicks(ticks, clock.timeBase, slotBase);
    return near * slotBase.num * clock.timeBase.den < ticks * clock.timeBase.num * slotBase.den
      ? near + 1
      : near;
  };
  return {
    frames: inside,
    fromTicks: from,
    endTicks: Math.min(to, endOf(frames, clock)),
    declaredEndTicks: Math.min(to, (clock.declaredEndTicks ?? 0) - clock.startTicks),
    slotOf:
      settings.align === "start"
        ? (ticks) => up(ticks - from)
        : (ticks) => rescaleTicks(ticks - from, clock.timeBase, slotBase),
    align: settings.align,
    slotTicks: (slotBase.num * clock.timeBase.den) / (slotBase.den * clock.timeBase.num),
  };
}

/**
 * Where the last frame ends: as `video_duration_estimate` in FFmpeg's ffmpeg_dec.c, which trusts the packet's
 * duration unless the container's clock is made up, or it is the 1 tick that libavformat puts where it knows nothing.
 */
function endOf(frames: readonly ShownFrame[], clock: ClipClock): number {
  const last = frames.at(-1);
  if (last === undefined) return 0;
  const gap = last.ticks - (frames.at(-2)?.ticks ?? last.ticks);
  const isGuess = last.durationTicks === 1 && gap > 2;
  if (last.durationTicks > 0 && clock.hasTimestamps && !isGuess) return last.ticks + last.durationTicks;
  if (clock.codecFrameTicks > 0 && !clock.hasTimestamps) return last.ticks + clock.codecFrameTicks;
  const known = [gap, last.durationTicks, clock.codecFrameTicks].find((ticks) => ticks > 0);
  return last.ticks + (known ?? 1);
}

function fillSlots(span: Span, endTicks: number): Slot[] {
  const slots: Slot[] = [];
  const firstTicks = span.frames[0]?.ticks ?? 0;
  // A first frame a little after k = 0 (an audio stream starts the clip) still opens slot 0.
  let next = Math.min(span.slotOf(firstTicks), span.align === "start" ? 0 : Number.POSITIVE_INFINITY);
  if (span.align === "start" && span.slotOf(firstTicks) > 1) next = span.slotOf(firstTicks);
  const endSlot = span.slotOf(endTicks);
  for (const [at, frame] of span.frames.entries()) {
    const following = span.frames[at + 1];
    const until = following === undefined ? endSlot : span.slotOf(following.ticks);
    for (; next < until; next += 1) slots.push({ number: next, frame });
  }
  return slots;
}

function chooseFrames(span: Span, slots: readonly Slot[], settings: PickSettings): ShownFrame[] {
  // Shorter than half an interval: FFmpeg gives nothing; we give the frame in the middle.
  if (slots.length === 0) return spread(span, 1, "center");
  if (slots.length > settings.maxFrames && settings.overflow === "uniform")
    return spread(span, settings.maxFrames, settings.align);
  const kept = slots.slice(0, settings.maxFrames);
  return settings.sampling === "keyframes"
    ? nearestKeyframes(span, kept, settings)
    : kept.map((s) => s.frame);
}

/** `count` frames over the whole span: what is shown in the middle (or at the start) of each of `count` equal pieces. */
function spread(span: Span, count: number, align: PickSettings["align"]): ShownFrame[] {
  const first = span.frames[0];
  if (first === undefined) return [];
  const from = Math.max(span.fromTicks, first.ticks);
  const piece = (span.endTicks - from) / count;
  const chosen: ShownFrame[] = [];
  let at = 0;
  for (let k = 0; k < count; k += 1) {
    const time = from + piece * (align === "center" ? k + 0.5 : k);
    while (isShownBefore(span.frames[at + 1], time, align)) at += 1;
    chosen.push(span.frames[at] ?? first);
  }
  return chosen;
}

function isShownBefore(frame: ShownFrame | undefined, time: number, align: PickSettings["align"]): boolean {
  if (frame === undefined) return false;
  return align === "center" ? frame.ticks < time : frame.ticks <= time;
}

/** The approximation by name: the keyframe nearest to a slot's time within half an interval, else the exact frame. */
function nearestKeyframes(span: Span, slots: readonly Slot[], settings: PickSettings): ShownFrame[] {
  const interval = span.slotTicks;
  const keys = span.frames.filter((frame) => frame.key);
  let at = 0;
  return slots.map(({ number, frame }) => {
    const time = span.fromTicks + interval * (number + (settings.align === "center" ? 0.5 : 0));
    const distance = (key: ShownFrame | undefined) =>
      key === undefined ? Number.POSITIVE_INFINITY : Math.abs(key.ticks - time);
    while (distance(keys[at + 1]) < distance(keys[at])) at += 1;
    const nearest = keys[at];
    return nearest !== undefined && distance(nearest) <= interval / 2 ? nearest : frame;
  });
}
