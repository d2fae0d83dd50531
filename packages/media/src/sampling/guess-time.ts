/**
 * A decoded frame's time, from that of its packet and that of the packet which made the decoder give it out: whichever
 * of the two runs forward more faithfully (libavcodec's `guess_correct_pts`, which version 8 no longer applies as the
 * versions before did). Pictures that carry the times of decoding get their order right so.
 */
export class GuessedTimes {
  #lastPts = Number.NEGATIVE_INFINITY;
  #lastDts = Number.NEGATIVE_INFINITY;
  #faultyPts = 0;
  #faultyDts = 0;

  /** Ticks; null where neither is known. Asked for every frame, in the decoder's order. */
  next(pts: number | null, dts: number | null): number | null {
    if (dts !== null && dts <= this.#lastDts) this.#faultyDts += 1;
    if (pts !== null && pts <= this.#lastPts) this.#faultyPts += 1;
    this.#lastDts = dts ?? pts ?? this.#lastDts;
    this.#lastPts = pts ?? dts ?? this.#lastPts;
    return pts !== null && (this.#faultyPts <= this.#faultyDts || dts === null) ? pts : dts;
  }
}
