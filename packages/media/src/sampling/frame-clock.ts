import type { PacketTable } from "./packet-table.ts";

/** A frame's time and how long it lasts, ticks. */
export interface FrameTime {
  readonly ticks: number;
  readonly durationTicks: number;
}

/**
 * When a decoded frame is shown and for how long, as ffmpeg's command has it (fftools/ffmpeg_dec.c,
 * `video_frame_process` and `video_duration_estimate`): a frame without a time follows the one before; a duration
 * that libavformat made up is replaced by what can be known. Asked for every frame in the decoder's order.
 */
export class FrameClock {
  readonly #clock: Pick<PacketTable, "codecFrameTicks" | "hasTimestamps">;
  #last: FrameTime | null = null;

  constructor(clock: Pick<PacketTable, "codecFrameTicks" | "hasTimestamps">) {
    this.#clock = clock;
  }

  /** `ticks`: the decoder's own word from the clip's start, or null. */
  next(ticks: number | null, durationTicks: number): FrameTime {
    const gap = ticks === null || this.#last === null ? 0 : ticks - this.#last.ticks;
    const lasts = this.#lasts(durationTicks, gap);
    const following = this.#last === null ? 0 : this.#last.ticks + this.#last.durationTicks;
    this.#last = { ticks: ticks ?? following, durationTicks: lasts };
    return this.#last;
  }

  #lasts(durationTicks: number, gap: number): number {
    const { codecFrameTicks, hasTimestamps } = this.#clock;
    // A duration of one tick is what libavformat puts where it knows nothing.
    const isMadeUp = durationTicks === 1 && gap > 2;
    if (durationTicks > 0 && hasTimestamps && !isMadeUp) return durationTicks;
    if (codecFrameTicks > 0 && !hasTimestamps) return codecFrameTicks;
    const known = [gap, durationTicks, codecFrameTicks, this.#last?.durationTicks ?? 0];
    return known.find((value) => value > 0) ?? 1;
  }
}
