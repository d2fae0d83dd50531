import type { Fraction } from "./packet-table.ts";
import { rescaleTicks } from "./rescale-ticks.ts";

/** What of a stream decides how its clock is read. */
export interface StreamClock {
  readonly timeBase: Fraction;
  /** Where the clip's time 0 lies, ticks. */
  readonly startTicks: number;
  /** The container's clock may start again in mid file (FFmpeg's AVFMT_TS_DISCONT: MPEG-TS, MPEG-PS, Ogg). */
  readonly mayRestart: boolean;
  /** After how many bits the clock wraps; 64 where it does not. */
  readonly wrapBits: number;
  /** Pictures that wait before the first is shown, seconds. */
  readonly delayS: number;
  /** Duration of a frame by the codec's own rate, ticks; 0 where unknown. */
  readonly codecFrameTicks: number;
}

export interface Stamps {
  readonly pts: number | null;
  readonly dts: number | null;
}

const microsecond = { num: 1, den: 1_000_000 };
/** FFmpeg's dts_delta_threshold: a jump of more is no pause but another clock. Microseconds. */
const jumpUs = 10_000_000;
/** A step back of less is jitter. Microseconds. */
const jitterUs = 100_000;
/** FFmpeg's dts_error_threshold: where clocks cannot restart, a time that is so far off is none. Microseconds. */
const absurdUs = 3600 * 30 * 1_000_000;

/**
 * Reads a stream's times as ffmpeg's command does (fftools/ffmpeg_demux.c, `ts_fixup`, `ts_discontinuity_process`,
 * `ist_dts_update`): in containers whose clock may restart, a step back and a jump of more than 10 s are rejoined to
 * where the packet before ended. It is asked for every packet of the stream in the order of the file.
 */
export class JoinedClock {
  readonly #clock: StreamClock;
  #isWrapKnown: boolean;
  /** All in microseconds from the clip's start. */
  #offsetUs = 0;
  #dtsUs: number | null = null;
  #nextUs = 0;

  constructor(clock: StreamClock) {
    this.#clock = clock;
    this.#isWrapKnown = clock.wrapBits > 52;
  }

  /** The packet's times as they run on; `duration` in ticks, 0 where unknown. */
  next(stamps: Stamps, duration: number): Stamps {
    const { startTicks } = this.#clock;
    const offset = this.#ticks(this.#offsetUs);
    const moved = (ticks: number | null) => (ticks === null ? null : ticks - startTicks + offset);
    const wrapped = this.#unwrap(stamps);
    const joined = this.#join({ pts: moved(wrapped.pts), dts: moved(wrapped.dts) });
    this.#advance(joined, duration);
    const back = (ticks: number | null) => (ticks === null ? null : ticks + startTicks);
    return { pts: back(joined.pts), dts: back(joined.dts) };
  }

  /** The first packets of a clip that begins just before its clock wraps are those of the round before. */
  #unwrap({ pts, dts }: Stamps): Stamps {
    if (this.#isWrapKnown) return { pts, dts };
    const { wrapBits, startTicks } = this.#clock;
    const isBefore = (ticks: number | null) => ticks !== null && ticks > startTicks + 2 ** (wrapBits - 1);
    this.#isWrapKnown = !isBefore(dts) && !isBefore(pts);
    const unwrapped = (ticks: number | null) =>
      ticks !== null && isBefore(ticks) ? ticks - 2 ** wrapBits : ticks;
    return { pts: unwrapped(pts), dts: unwrapped(dts) };
  }

  #join({ pts, dts }: Stamps): Stamps {
    if (dts === null || this.#dtsUs === null) return { pts, dts };
    const deltaUs = this.#us(dts) - this.#nextUs;
    if (!this.#clock.mayRestart) {
      const isAbsurd = (ticks: number) => Math.abs(this.#us(ticks) - this.#nextUs) > absurdUs;
      return { pts: pts === null || isAbsurd(pts) ? null : pts, dts: isAbsurd(dts) ? null : dts };
    }
    if (Math.abs(deltaUs) <= jumpUs && this.#us(dts) + jitterUs >= this.#dtsUs) return { pts, dts };
    this.#offsetUs -= deltaUs;
    const delta = this.#ticks(deltaUs);
    return { pts: pts === null ? null : pts - delta, dts: dts - delta };
  }

  #advance({ pts, dts }: Stamps, duration: number): void {
    const { delayS, codecFrameTicks } = this.#clock;
    if (this.#dtsUs === null) this.#nextUs = (pts === null ? 0 : this.#us(pts)) - delayS * 1_000_000;
    if (dts !== null) this.#nextUs = this.#us(dts);
    this.#dtsUs = this.#nextUs;
    this.#nextUs += this.#us(duration > 0 ? duration : codecFrameTicks);
  }

  #us(ticks: number): number {
    return rescaleTicks(ticks, this.#clock.timeBase, microsecond);
  }

  #ticks(us: number): number {
    return rescaleTicks(Math.round(us), microsecond, this.#clock.timeBase);
  }
}
