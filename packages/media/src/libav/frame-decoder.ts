import type { CodecContext, Frame, Packet } from "node-av/lib";
import { GuessedTimes } from "../sampling/guess-time.ts";
import type { Libav } from "./load-libav.ts";
import type { VideoTrack } from "./video-track.ts";

/** A frame as the decoder gave it. `frame` is refilled for the next one. */
export interface DecodedFrame {
  readonly frame: Frame;
  /** Ticks of the stream's time base; null where neither packet nor decoder knows. */
  readonly pts: number | null;
  readonly durationTicks: number;
  readonly isDamaged: boolean;
}

/** What decodes a clip's packets: here FFmpeg's decoder, in tests also one that lies. */
export interface ClipDecoder {
  /** Packets that were refused. */
  readonly refused: number;
  /** Frames that came out. */
  readonly decoded: number;
  skipsFilter: boolean;
  decode(packet: Packet): Iterable<DecodedFrame>;
  drain(): Iterable<DecodedFrame>;
  close(): void;
}

/** What a decoder has to know of its stream. */
type Described = Pick<VideoTrack, "stream" | "parameters">;

/** Null where no decoder opens. */
export type OpenDecoder = (libav: Libav, track: Described, maxPixels: number) => ClipDecoder | null;

/** One decoding thread, as every child has one core to itself. Close it. */
export class FrameDecoder implements ClipDecoder {
  readonly #libav: Libav;
  readonly #context: CodecContext;
  readonly #frame: Frame;
  #skipsFilter = false;
  #times = new GuessedTimes();
  /** Packets that the decoder refused. */
  refused = 0;
  /** Frames that came out. */
  decoded = 0;

  private constructor(libav: Libav, context: CodecContext) {
    this.#libav = libav;
    this.#context = context;
    this.#frame = new libav.lib.Frame();
    this.#frame.alloc();
  }

  /** Null where this build has no decoder for the codec, or it does not open. */
  static open(libav: Libav, track: Described, maxPixels: number): FrameDecoder | null {
    const { lib } = libav;
    const codec = lib.Codec.findDecoder(track.parameters.codecId);
    if (codec === null) return null;
    const context = new lib.CodecContext();
    context.allocContext3(codec);
    context.threadCount = 1;
    context.setOption("max_pixels", String(maxPixels));
    try {
      if (context.parametersToContext(track.parameters) < 0) throw new Error("parameters");
      context.pktTimebase = track.stream.timeBase;
      // (An options dictionary given to open2Sync is freed by it, and again by its owner: none is given.)
      if (context.open2Sync(codec, null) < 0) throw new Error("open");
      return new FrameDecoder(libav, context);
    } catch {
      context.freeContext();
      return null;
    }
  }

  /** Leaves out the deblocking of what follows: what is predicted from such a picture drifts away from the truth. */
  get skipsFilter(): boolean {
    return this.#skipsFilter;
  }

  set skipsFilter(skips: boolean) {
    if (skips === this.#skipsFilter) return;
    this.#skipsFilter = skips;
    this.#context.setOption("skip_loop_filter", skips ? "all" : "default");
  }

  /** Feeds a packet and gives what comes out. */
  *decode(packet: Packet): Generator<DecodedFrame, void> {
    const { AVERROR_EAGAIN } = this.#libav.constants;
    let sent = this.#context.sendPacketSync(packet);
    if (sent === AVERROR_EAGAIN) {
      yield* this.#receive();
      sent = this.#context.sendPacketSync(packet);
    }
    if (sent < 0) this.refused += 1;
    yield* this.#receive();
  }

  /** Gives the frames that are held back, and makes the decoder ready to begin anew. */
  *drain(): Generator<DecodedFrame, void> {
    this.#context.sendPacketSync(null);
    yield* this.#receive();
    this.#context.flushBuffers();
    this.#times = new GuessedTimes();
  }

  close(): void {
    this.#frame.free();
    this.#context.freeContext();
  }

  *#receive(): Generator<DecodedFrame, void> {
    const { AVERROR_EAGAIN, AVERROR_EOF } = this.#libav.constants;
    for (;;) {
      const received = this.#context.receiveFrameSync(this.#frame);
      if (received === AVERROR_EAGAIN || received === AVERROR_EOF) return;
      if (received < 0) {
        this.refused += 1;
        // A decoder that answers with an error for ever must not hold us: it gets no second chance per packet.
        return;
      }
      this.decoded += 1;
      yield this.#describe();
      this.#frame.unref();
    }
  }

  #describe(): DecodedFrame {
    const { AV_NOPTS_VALUE, AV_FRAME_FLAG_CORRUPT } = this.#libav.constants;
    const frame = this.#frame;
    const ticks = (value: bigint) => (value === AV_NOPTS_VALUE ? null : Number(value));
    return {
      frame,
      pts: this.#times.next(ticks(frame.pts), ticks(frame.pktDts)),
      durationTicks: Number(frame.duration),
      isDamaged: frame.decodeErrorFlags !== 0 || (frame.flags & AV_FRAME_FLAG_CORRUPT) !== 0,
    };
  }
}
