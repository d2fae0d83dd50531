import type { AccessUnit } from "./access-unit.ts";

/** An exact fraction; a time base counts seconds per tick. */
export interface Fraction {
  readonly num: number;
  readonly den: number;
}

/** One packet of the video stream, in decode order. Times are ticks of the stream's time base. */
export interface TablePacket {
  readonly pts: number | null;
  readonly dts: number | null;
  /** 0 where the container does not say. */
  readonly duration: number;
  readonly key: boolean;
  /** Decoded but not shown: an edit list starts later. */
  readonly discard: boolean;
  /** 0: the picture before is shown on (Theora, AVI); no decoder is given such a packet. */
  readonly sizeBytes: number;
  /** It brings parameter sets beside its bytes (FFmpeg's new extradata), other than those before. */
  readonly bringsParameters: boolean;
  /** What the packet's bytes say; null where the codec is not looked into. */
  readonly unit: AccessUnit | null;
}

/** Everything that the choice of frames and the decoding plan need to know about a clip. */
export interface PacketTable {
  readonly codec: string;
  readonly timeBase: Fraction;
  /** Where the clip's time 0 lies, ticks: the container's start as ffmpeg sees it. */
  readonly startTicks: number;
  readonly packets: readonly TablePacket[];
  /** Duration of one frame by the codec's own rate, ticks; 0 where unknown. */
  readonly codecFrameTicks: number;
  /** False where the container's clock is made up, so that packet durations mean nothing. */
  readonly hasTimestamps: boolean;
  /** Where the video ends by the container's word, if packets are missing from a cut file; else null. */
  readonly declaredEndTicks: number | null;
}
