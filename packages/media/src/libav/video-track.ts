import { type FrameSettings, type Rejection, reject } from "@shardmill/core";
import type { CodecParameters, Stream } from "node-av/lib";
import type { StreamClock } from "../sampling/join-clock.ts";
import type { Fraction } from "../sampling/packet-table.ts";
import { rescaleTicks } from "../sampling/rescale-ticks.ts";
import { chooseStream } from "./choose-stream.ts";
import type { Libav } from "./load-libav.ts";
import type { MemoryInput } from "./memory-input.ts";

/** The stream that is decoded, as the container describes it. */
export interface VideoTrack {
  readonly index: number;
  /** Its place among the video streams alone. */
  readonly ordinal: number;
  readonly stream: Stream;
  readonly parameters: CodecParameters;
  readonly codec: string;
  readonly extradata: Uint8Array | null;
  readonly timeBase: Fraction;
  readonly startTicks: number;
  /** Where this stream begins, which may be later than the clip. */
  readonly firstTicks: number;
  readonly averageFps: number;
  readonly codecFrameTicks: number;
  readonly hasTimestamps: boolean;
  readonly clock: StreamClock;
  /** No picture was decoded to learn the order of display: the packets' times are relied on for it. */
  readonly isProbedBriefly: boolean;
  /** The container's own word; 0 where it says nothing. */
  readonly declaredFrames: number;
  readonly declaredDurationTicks: number;
  readonly containerDurationS: number;
  readonly containerName: string;
}

export type FoundTrack =
  | { readonly kind: "track"; readonly track: VideoTrack }
  | { readonly kind: "rejected"; readonly rejection: Rejection };

const microsecond = { num: 1, den: 1_000_000 };

/**
 * Finds the video stream by what FFmpeg's probing says, and checks the limits before anything is decoded. "brief" leaves
 * out what the header of an mp4 tells as well, if its word on times can be taken; "full" is what ffmpeg's command does.
 */
export function findTrack(
  libav: Libav,
  input: MemoryInput,
  limits: FrameSettings["limits"],
  probing: "brief" | "full",
): FoundTrack {
  const { constants } = libav;
  // Where the container's header states a size, no picture is decoded for probing before it is checked.
  for (const stream of input.format.streams) {
    const refusal = tooManyPixels(stream.codecpar, limits);
    if (refusal !== null) return refusal;
  }
  const isBrief = probing === "brief" && saysAll(libav, input);
  if (isBrief) input.format.setOption("codec_whitelist", soundDecoders);
  // (node-av's sync form takes no options for more than one stream: it reads past a single dictionary.)
  if (input.format.findStreamInfoSync(null) < 0)
    return rejected("decode_error", "the streams cannot be read");
  const stream = chooseStream(libav, input.format.streams);
  if (stream === null) return rejected("no_video_stream", noVideo(libav, input));
  if ((stream.disposition & constants.AV_DISPOSITION_ATTACHED_PIC) !== 0)
    return rejected("no_video_stream", "the only picture is a cover");
  const track = { ...describe(libav, input, stream), isProbedBriefly: isBrief };
  // An mp4 has a table for each stream: the others need not be read at all. (Elsewhere their ends tell a cut file.)
  if (track.containerName.startsWith("mov") && track.declaredFrames > 0)
    for (const other of input.format.streams)
      if (other.index !== track.index) other.discard = constants.AVDISCARD_ALL;
  return tooManyPixels(track.parameters, limits) ?? { kind: "track", track };
}

function noVideo({ constants }: Libav, { format }: MemoryInput): string {
  const hasSound = format.streams.some(({ codecpar }) => codecpar.codecType === constants.AVMEDIA_TYPE_AUDIO);
  return hasSound ? "the file holds sound only" : "the container holds no video stream";
}

/** FFmpeg's names of what an mp4's sound is usually in. */
const soundDecoders = "aac,mp3float,mp3,ac3,eac3,opus,vorbis,flac,alac";

/**
 * An mp4 whose header has the size, the parameter sets and a table of all pictures: probing would decode up to seven of
 * them to learn the order of display, which the table tells too (libavformat/mov.c, mov_estimate_video_delay; HEVC has it
 * in the parameter sets). In fragments the table comes later.
 */
function saysAll({ constants }: Libav, { format }: MemoryInput): boolean {
  if (!(format.iformat?.name ?? "").startsWith("mov")) return false;
  const pictures = format.streams.filter(
    ({ codecpar }) => codecpar.codecType === constants.AVMEDIA_TYPE_VIDEO,
  );
  return pictures.every(({ codecpar: { codecId, width, height, extradata }, nbFrames }) => {
    const isKnown = codecId === constants.AV_CODEC_ID_H264 || codecId === constants.AV_CODEC_ID_HEVC;
    return isKnown && width > 0 && height > 0 && (extradata?.length ?? 0) > 0 && nbFrames > 0n;
  });
}

/** What is stated of the pictures is above the limit. */
export function isOversized(
  { width, height }: Pick<CodecParameters, "width" | "height">,
  { maxPixels }: FrameSettings["limits"],
): boolean {
  return width * height > maxPixels;
}

function tooManyPixels(parameters: CodecParameters, limits: FrameSettings["limits"]): FoundTrack | null {
  return isOversized(parameters, limits)
    ? rejected(
        "too_large",
        `${parameters.width}x${parameters.height} is more than ${limits.maxPixels} pixels`,
      )
    : null;
}

function rejected(code: Rejection["code"], detail: string): FoundTrack {
  return { kind: "rejected", rejection: reject(code, detail) };
}

function describe(
  { lib, constants }: Libav,
  input: MemoryInput,
  stream: Stream,
): Omit<VideoTrack, "isProbedBriefly"> {
  const parameters = stream.codecpar;
  const timeBase = fraction(stream.timeBase);
  const flags = input.format.iformat?.flags ?? 0;
  const known = (ticks: bigint) => (ticks === constants.AV_NOPTS_VALUE ? 0 : Number(ticks));
  // For containers with discontinuous clocks (MPEG-TS, Ogg, ...) ffmpeg counts from the first stream that it uses.
  const mayRestart = (flags & constants.AVFMT_TS_DISCONT) !== 0;
  const startUs = mayRestart
    ? rescaleTicks(known(stream.startTime), timeBase, microsecond)
    : known(input.format.startTime);
  const startTicks = rescaleTicks(startUs, microsecond, timeBase);
  const rate = parameters.frameRate;
  const codecFrameTicks =
    rate.num > 0 && rate.den > 0 ? rescaleTicks(1, { num: rate.den, den: rate.num }, timeBase) : 0;
  const averageFps = ratio(stream.avgFrameRate) || ratio(stream.rFrameRate);
  const isVideo = ({ codecpar }: Stream) => codecpar.codecType === constants.AVMEDIA_TYPE_VIDEO;
  return {
    index: stream.index,
    ordinal: input.format.streams.filter(isVideo).findIndex(({ index }) => index === stream.index),
    stream,
    parameters,
    codec: lib.avGetCodecName(parameters.codecId) ?? "unknown",
    extradata: parameters.extradata,
    timeBase,
    startTicks,
    firstTicks: known(stream.startTime),
    averageFps,
    codecFrameTicks,
    clock: {
      timeBase,
      startTicks,
      mayRestart,
      wrapBits: stream.ptsWrapBits,
      delayS: averageFps > 0 ? parameters.videoDelay / averageFps : 0,
      codecFrameTicks,
    },
    hasTimestamps: (flags & constants.AVFMT_NOTIMESTAMPS) === 0,
    declaredFrames: known(stream.nbFrames),
    declaredDurationTicks: Math.max(0, known(stream.duration)),
    containerDurationS: Math.max(0, known(input.format.duration) / 1e6),
    containerName: input.format.iformat?.name ?? "",
  };
}

function fraction(value: Fraction): Fraction {
  return { num: value.num, den: value.den };
}

function ratio(value: Fraction): number {
  return value.den === 0 ? 0 : value.num / value.den;
}
