import { clockSteps } from "./order-doubt.ts";
import type { PacketTable } from "./packet-table.ts";
import type { ShownFrame } from "./shown-frames.ts";

/** How long a clip's video is, and how many pictures it shows. */
export interface ClipExtent {
  readonly durationS: number;
  readonly count: number;
}

/** From the first shown packet to the end of the last; of a table whose times can be relied on. */
export function packetExtent({ packets, timeBase }: Pick<PacketTable, "packets" | "timeBase">): ClipExtent {
  const extent = new Extent();
  for (const { pts, dts, duration, discard, sizeBytes } of packets)
    if (!discard && sizeBytes > 0) extent.see(pts ?? dts, duration);
  return extent.of(timeBase);
}

/**
 * Of a clip that was decoded whole: by the packets where they all have times on a clock that runs on (a damaged clip is as
 * long as it was made), else by what the decoder has shown.
 */
export function wholeExtent(table: PacketTable, listed: readonly ShownFrame[]): ClipExtent {
  const isTimed = table.hasTimestamps && table.packets.every(({ pts }) => pts !== null);
  return isTimed && !clockSteps(table.packets) ? packetExtent(table) : shownExtent(listed, table.timeBase);
}

/** The same, of what a decoder has shown. */
function shownExtent(frames: readonly ShownFrame[], timeBase: PacketTable["timeBase"]): ClipExtent {
  const extent = new Extent();
  for (const { ticks, durationTicks } of frames) extent.see(ticks, durationTicks);
  return extent.of(timeBase);
}

class Extent {
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  #lastDuration = 0;
  /** The latest time before the last. */
  #before = Number.NEGATIVE_INFINITY;
  #count = 0;

  see(ticks: number | null, duration: number): void {
    this.#count += 1;
    if (ticks === null) return;
    this.#first = Math.min(this.#first, ticks);
    if (ticks < this.#last) {
      this.#before = Math.max(this.#before, ticks);
      return;
    }
    if (ticks > this.#last) this.#before = this.#last;
    this.#last = ticks;
    this.#lastDuration = duration;
  }

  of({ num, den }: PacketTable["timeBase"]): ClipExtent {
    const ticks = this.#last < this.#first ? 0 : this.#last + this.#lasts() - this.#first;
    return { durationS: (ticks * num) / den, count: this.#count };
  }

  /** Where the container does not say how long the last picture lasts: as long as the one before. */
  #lasts(): number {
    if (this.#lastDuration > 0 || this.#before < this.#first) return this.#lastDuration;
    return this.#last - this.#before;
  }
}
