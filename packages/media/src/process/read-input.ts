import type { TrackPlace } from "../content/encrypted-track.ts";
import type { ColourTags } from "../sampling/plain-colour.ts";

/** The video stream that ffmpeg has taken by itself, as it describes it. */
export interface ChosenStream extends TrackPlace {
  readonly index: number;
  readonly isCover: boolean;
  /** Average frames per second, else the rate of its clock, as ffmpeg prints it, two decimals at most; 0 where it does not. */
  readonly printedFps: number;
  readonly colour: ColourTags;
  /** Of its pictures; null where neither the container nor a decoder that ffmpeg asked could tell. */
  readonly size: PictureSize | null;
}

interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** What ffmpeg logs about its input. */
export interface LoggedInput {
  /** Null where no video stream was taken. */
  readonly chosen: ChosenStream | null;
  readonly hasSound: boolean;
  /** From the clip's start, seconds; null where the container does not say. */
  readonly durationS: number | null;
  readonly hasTimestamps: boolean;
  /** Its frame rate is that of the frames in its tables, no statement of its maker (QuickTime, mp4). */
  readonly countsFrames: boolean;
}

/** FFmpeg's readers of raw streams, whose clock is made up (AVFMT_NOTIMESTAMPS). */
const rawReaders = new Set(["h264", "hevc", "m4v", "mjpeg", "mpegvideo"]);

/** Whether ffmpeg found a container at all. */
export function isOpened(log: readonly string[]): boolean {
  return log.some((line) => /^(\[info\] )?Input #0, /.test(line));
}

/** Reads the description up to the mapping; what follows describes the output. */
export function readInput(log: readonly string[]): LoggedInput {
  const output = log.findIndex((line) => line.startsWith("Output #0"));
  const known = output < 0 ? log : log.slice(0, output);
  const videos = known.flatMap((line) => {
    const match = /^\s*Stream #0:(\d+)(?:\[0x([0-9a-f]+)\])?.*?: Video: /.exec(line);
    return match === null
      ? []
      : [{ index: Number(match[1]), id: Number.parseInt(match[2] ?? "0", 16), line }];
  });
  videos.sort((a, b) => a.index - b.index);
  const mapped = known.map((line) => /^\s*Stream #0:(\d+) -> #0:0 /.exec(line)?.[1]).find(Boolean);
  const ordinal = videos.findIndex(({ index }) => index === Number(mapped));
  const video = videos[ordinal];
  const reader = known.map((line) => /^Input #0, (.*), from /.exec(line)?.[1]).find(Boolean) ?? "";
  return {
    chosen:
      mapped === undefined || video === undefined ? null : { ...video, ordinal, ...described(video.line) },
    hasSound: known.some((line) => /^\s*Stream #0:\d+.*: Audio: /.test(line)),
    durationS: durationS(known),
    hasTimestamps: !rawReaders.has(reader),
    countsFrames: reader.startsWith("mov"),
  };
}

/** `Stream #0:0[0x1](und): Video: h264 (High), yuv420p(tv, bt709), 640x360, 652 kb/s, 23.98 fps, 23.98 tbr, 24k tbn` */
function described(line: string): Pick<ChosenStream, "isCover" | "printedFps" | "colour" | "size"> {
  const size = /, (\d+)x(\d+)(?: \[|,|$)/.exec(line);
  return {
    isCover: line.includes("(attached pic)"),
    printedFps: rateOf(line, "fps") ?? rateOf(line, "tbr") ?? 0,
    colour: colourOf(line),
    size: size === null ? null : { width: Number(size[1]), height: Number(size[2]) },
  };
}

/** `25`, `23.98`, or `2k` for 2000. */
function rateOf(line: string, unit: "fps" | "tbr"): number | null {
  const match = new RegExp(`, (\\d+(?:\\.\\d+)?)(k?) ${unit}`).exec(line);
  return match === null ? null : Number(match[1]) * (match[2] === "k" ? 1000 : 1);
}

const unspecified = 2;

/** FFmpeg's names of what its converters refuse; any other is of no interest here. */
const matrices: Readonly<Record<string, number>> = {
  ...{ reserved: 3, ycgco: 8, bt2020c: 10, smpte2085: 11, "chroma-derived-nc": 12, "chroma-derived-c": 13 },
  ...{ ictcp: 14, "ipt-c2": 15, "ycgco-re": 16, "ycgco-ro": 17 },
};
const transfers: Readonly<Record<string, number>> = { log100: 9, log316: 10 };

/** In the pixel format's brackets: `(tv, matrix/primaries/transfer, ...)`, or one name where all three are the same. */
function colourOf(line: string): ColourTags {
  const words = /, [a-z0-9]+\(([^)]*)\)/.exec(line)?.[1]?.split(", ") ?? [];
  for (const word of words) {
    const [matrix = "", , transfer = matrix] = word.split("/");
    const tags = { matrix: matrices[matrix] ?? unspecified, transfer: transfers[transfer] ?? unspecified };
    if (tags.matrix !== unspecified || tags.transfer !== unspecified) return tags;
  }
  return { matrix: unspecified, transfer: unspecified };
}

/** `  Duration: 00:00:09.02, start: 1.400000, bitrate: ...`; either may be N/A or missing. */
function durationS(log: readonly string[]): number | null {
  const line = log.find((text) => /^\s*Duration: /.test(text)) ?? "";
  const duration = /Duration: (\d+):(\d+):(\d+\.\d+)/.exec(line);
  return duration === null
    ? null
    : Number(duration[1]) * 3600 + Number(duration[2]) * 60 + Number(duration[3]);
}
