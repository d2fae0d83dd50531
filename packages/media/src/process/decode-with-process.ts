import { type Rejection, reject } from "@shardmill/core";
import { clipInfoOf } from "../clip-info.ts";
import { clipRemarks } from "../clip-remarks.ts";
import { isMotionJpeg, motionJpegReader } from "../content/motion-jpeg.ts";
import type { DecodeOptions, DecodeSettings, RawClip } from "../raw-clip.ts";
import { OrderCheck } from "../sampling/check-order.ts";
import { type ClipExtent, packetExtent, wholeExtent } from "../sampling/clip-extent.ts";
import { type ClipPicks, pickSpans, withPromise } from "../sampling/pick-spans.ts";
import { ignoredColour } from "../sampling/plain-colour.ts";
import { type ShownFrame, shownFrames } from "../sampling/shown-frames.ts";
import { squareRefusal } from "../sampling/square-refusal.ts";
import { decodeByPlace, decodeByTime, listDecoded, type Pixels } from "./decode-picks.ts";
import { exactFps } from "./exact-fps.ts";
import type { ClipFile } from "./ffmpeg-clip.ts";
import { withoutReservedMatrix } from "./plain-matrix.ts";
import { openPrivateFile } from "./private-file.ts";
import { probeClip } from "./probe-clip.ts";
import type { ProbedClip } from "./read-packet-table.ts";

interface Decoded {
  /** In the order in which they are shown. */
  readonly frames: readonly ShownFrame[];
  readonly picks: ClipPicks;
  readonly pixels: Pixels;
  /** Picked or not, by their index. */
  readonly corrupt: ReadonlySet<number>;
  readonly extent: ClipExtent;
  readonly isWhole: boolean;
}

/**
 * The second backend: an ffmpeg program. First the packets are listed without decoding,
 * the frames are picked from them by the same function as in the first backend, then one decode selects exactly
 * those by their timestamps. Where what comes is not what the packets promised (or they promise nothing), a whole decode
 * lists what is there and the choice is made from that.
 */
export async function decodeWithProcess(
  clip: { readonly name: string; readonly bytes: Uint8Array },
  settings: DecodeSettings,
  signal: AbortSignal,
  options: DecodeOptions & { readonly ffmpegPath: string },
): Promise<RawClip> {
  await using opened = await openPrivateFile(clip.bytes);
  const reader = isMotionJpeg(clip.bytes) ? motionJpegReader : null;
  const file: ClipFile = { ffmpegPath: options.ffmpegPath, path: opened.path, reader, signal };
  const probe = await probeClip(file, clip.bytes);
  if (probe.kind === "rejected") return probe;
  const { probed } = probe;
  const refusal = limitRefusal(probed, settings);
  if (refusal !== null) return { kind: "rejected", rejection: refusal };
  const plain = await withoutReservedMatrix(file, probed);
  if (plain !== null) {
    const shown = await decodeWithProcess({ ...clip, bytes: plain }, settings, signal, options);
    const remarks = clipRemarks(ignoredColour(probed.stream.colour), false);
    return shown.kind === "rejected" ? shown : { ...shown, remarks: [...remarks, ...shown.remarks] };
  }
  options.onProbe?.(packetExtent(probed.table).durationS);
  const decoded =
    (await decodePlanned(file, probed, settings)) ?? (await decodeWhole(file, probed, settings));
  return assemble(probed, decoded);
}

function limitRefusal(probed: ProbedClip, settings: DecodeSettings): Rejection | null {
  const { width, height, table } = probed;
  const { limits } = settings;
  if (width * height > limits.maxPixels)
    return reject("too_large", `${width}x${height} pixels; limits.maxPixels is ${limits.maxPixels}`);
  const { durationS } = packetExtent(table);
  if (durationS > limits.maxDurationS)
    return reject("too_large", `${durationS.toFixed(1)} s; limits.maxDurationS is ${limits.maxDurationS}`);
  if (table.packets.length === 0) return reject("zero_frames", "the video stream holds no packet");
  return squareRefusal(probed, settings);
}

/** Null where the packets do not tell what is shown, or did not tell the truth. */
async function decodePlanned(
  file: ClipFile,
  probed: ProbedClip,
  settings: DecodeSettings,
): Promise<Decoded | null> {
  const { table } = probed;
  const frames = shownFrames(table);
  if (frames === null) return null;
  const picks = pickSpans(frames, table, settings);
  if (picks.picks.length === 0) return null;
  const pixels = await decodeByTime(file, probed, picks.picks, settings);
  const check = new OrderCheck({ kind: "all", why: "ffmpeg decodes everything" }, frames, table);
  const isInOrder = pixels.logged.every(({ pts }) => check.see(pts));
  const isThere = picks.picks.every(({ frame }) => pixels.byIndex.has(frame.index));
  if (!isInOrder || !isThere || pixels.errors > 0) return null;
  return { frames, picks, pixels, corrupt: new Set(), extent: packetExtent(table), isWhole: false };
}

async function decodeWhole(file: ClipFile, probed: ProbedClip, settings: DecodeSettings): Promise<Decoded> {
  const { table } = probed;
  const listed = await listDecoded(file, probed);
  // What ffmpeg logs of a frame's duration is what it goes by, whatever the container's clock.
  const picks = pickSpans(listed.frames, { ...table, hasTimestamps: true }, settings);
  const promised = shownFrames(table);
  const foreseen = promised === null ? null : pickSpans(promised, table, settings);
  const pixels =
    picks.picks.length === 0
      ? { byIndex: new Map(), logged: listed.logged, errors: listed.errors }
      : await decodeByPlace(file, probed, { picks: picks.picks, logged: listed.logged }, settings);
  return {
    frames: listed.frames,
    picks: withPromise(picks, foreseen),
    pixels,
    corrupt: listed.corrupt,
    extent: wholeExtent(table, listed.frames),
    isWhole: true,
  };
}

function assemble({ stream, table, countsFrames }: ProbedClip, decoded: Decoded): RawClip {
  const { frames, picks, pixels, extent, corrupt, isWhole } = decoded;
  const kept = picks.picks.flatMap(({ frame, timeS, span = 0 }) => {
    const square = pixels.byIndex.get(frame.index);
    return square === undefined ? [] : [{ square, timeS, frame, span }];
  });
  const [first] = kept;
  if (first === undefined)
    return pixels.errors > 0
      ? rejected("decode_error", `all of ${pixels.errors} attempts to decode a picture failed`)
      : rejected("zero_frames", "decoding ended without a single frame");
  // ffmpeg's threads run a little past the last pick before they stop, now more, now less: that is not counted.
  const last = Math.max(...kept.map(({ frame }) => frames.indexOf(frame)));
  const counted = extent.durationS > 0 ? extent.count / extent.durationS : 0;
  const rate = {
    fps: exactFps(stream.printedFps, counted, countsFrames),
    hasTimestamps: table.hasTimestamps,
  };
  const shown = isWhole
    ? pixels.logged[first.frame.index]
    : pixels.logged.find(({ pts }) => pts === first.frame.ticks);
  const damaged = new Set(kept.filter(({ frame }) => corrupt.has(frame.index)).map(({ span }) => span));
  return {
    kind: "frames",
    frames: kept.map(({ square }) => square),
    timesS: kept.map(({ timeS }) => timeS),
    info: clipInfoOf(table.codec, extent, rate, shown ?? { width: 0, height: 0 }),
    wanted: picks.expected,
    decoded: last + 1,
    complete: kept.length >= picks.expected && damaged.size === 0,
    decodeErrors: pixels.errors,
    remarks: clipRemarks(ignoredColour(stream.colour), isWhole && shownFrames(table) !== null),
    spans:
      picks.expectedOf === null
        ? undefined
        : { of: kept.map(({ span }) => span), expected: picks.expectedOf, damaged },
  };
}

function rejected(code: Rejection["code"], detail: string): RawClip {
  return { kind: "rejected", rejection: reject(code, detail) };
}
