import { type FrameSettings, type Rejection, reject } from "@shardmill/core";
import { containers, maxStreams } from "../containers.ts";
import type { RawClip } from "../raw-clip.ts";
import { type FramePick, pickFrames } from "../sampling/pick-frames.ts";
import { type ShownFrame, shownFrames } from "../sampling/shown-frames.ts";
import { clipInfoOf } from "./clip-info-of.ts";
import { frameFilter } from "./frame-filter.ts";
import { isCutShort } from "./is-cut-short.ts";
import { openPrivateFile } from "./private-file.ts";
import { type ProbedClip, readPacketTable } from "./read-packet-table.ts";
import { type LoggedFrame, readLoggedFrames, shownByDecoder } from "./read-shown-frames.ts";
import { runFfmpeg } from "./run-ffmpeg.ts";

interface Clip {
  readonly name: string;
  readonly bytes: Uint8Array;
}

interface Source {
  readonly ffmpegPath: string;
  readonly path: string;
  readonly signal: AbortSignal;
}

interface Pixels {
  /** By raw timestamp. */
  readonly byPts: ReadonlyMap<number, Uint8Array>;
  readonly logged: readonly LoggedFrame[];
  readonly errors: number;
}

/**
 * The second backend: an ffmpeg process, driven by fluent-ffmpeg. First the packets are listed without decoding,
 * the frames are picked from them by the same function as in the first backend, then one decode selects exactly
 * those by their timestamps. Where a picked frame does not appear (the packets promised what no decoder shows),
 * a whole decode lists what is there and the choice is made from that.
 */
export async function decodeWithProcess(
  clip: Clip,
  settings: FrameSettings,
  signal: AbortSignal,
  options: { readonly ffmpegPath: string; readonly onProbe?: (durationS: number) => void },
): Promise<RawClip> {
  await using file = await openPrivateFile(clip.bytes);
  const source = { ffmpegPath: options.ffmpegPath, path: file.path, signal };
  const probed = await probe(source, isCutShort(clip.bytes));
  if ("code" in probed) return { kind: "rejected", rejection: probed };
  const refusal = limitRefusal(probed, settings);
  if (refusal !== null) return { kind: "rejected", rejection: refusal };
  options.onProbe?.(probed.containerS ?? 0);
  return await decodePicked(source, probed, settings);
}

async function probe(source: Source, cutShort: boolean): Promise<ProbedClip | Rejection> {
  const log: string[] = [];
  const copy = ["-map", "0:V:0", "-c", "copy", "-copyinkf", "-copypriorss", "1", "-f", "framecrc"];
  const { output } = await runFfmpeg({ ...ffmpegInput(source, log, "info"), outputOptions: copy });
  const probed = readPacketTable(output.toString("latin1"), log, cutShort);
  if (probed !== null) return probed;
  return log.some((line) => line.startsWith("Input #0"))
    ? reject("no_video_stream", "the container holds no video stream")
    : reject("decode_error", lastWords(source, log));
}

function limitRefusal(
  { width, height, containerS }: ProbedClip,
  { limits }: FrameSettings,
): Rejection | null {
  if (width * height > limits.maxPixels)
    return reject("too_large", `${width}x${height} pixels; limits.maxPixels is ${limits.maxPixels}`);
  if ((containerS ?? 0) > limits.maxDurationS)
    return reject("too_large", `${containerS} s; limits.maxDurationS is ${limits.maxDurationS}`);
  return null;
}

async function decodePicked(source: Source, probed: ProbedClip, settings: FrameSettings): Promise<RawClip> {
  const { table } = probed;
  const planned = shownFrames(table);
  const first = planned === null ? null : pickFrames(planned, table, settings);
  let frames = planned ?? [];
  let picks = first?.picks ?? [];
  let pixels = picks.length === 0 ? null : await decodeAt(source, picks, table.startTicks, settings);
  let expected = first?.expected ?? 0;
  if (pixels === null || picks.some((pick) => !pixels?.byPts.has(pick.frame.ticks + table.startTicks))) {
    frames = await listDecoded(source, probed);
    const second = pickFrames(frames, table, settings);
    picks = second.picks;
    expected = Math.max(expected, second.expected);
    if (picks.length === 0) return rejected("zero_frames", "decoding ended without a single frame");
    pixels = await decodeAt(source, picks, table.startTicks, settings);
  }
  return assemble({ probed, frames, picks, expected, pixels });
}

/** The picked frames' pixels: a full decode up to the last pick, of which only the picked frames are scaled. */
async function decodeAt(
  source: Source,
  picks: readonly FramePick[],
  startTicks: number,
  settings: FrameSettings,
): Promise<Pixels> {
  const wanted = [...new Set(picks.map((pick) => pick.frame.ticks + startTicks))];
  const select = wanted.map((pts) => `eq(pts,${pts})`).join("+");
  const filter = `select='${select}',showinfo=checksum=0,${frameFilter(settings)}`;
  const log: string[] = [];
  const { output } = await runFfmpeg({
    ...ffmpegInput(source, log, "level+verbose"),
    outputOptions: [
      ...["-map", "0:V:0", "-filter_threads", "1", "-vf", filter, "-fps_mode", "passthrough"],
      ...["-frames:v", String(wanted.length), "-f", "rawvideo"],
    ],
  });
  const frameBytes = settings.size * settings.size * 3;
  const byPts = new Map<number, Uint8Array>();
  const logged = readLoggedFrames(log);
  for (const [index, { pts }] of logged.entries()) {
    const pixels = output.subarray(index * frameBytes, (index + 1) * frameBytes);
    if (pts !== null && pixels.byteLength === frameBytes) byPts.set(pts, pixels);
  }
  return { byPts, logged, errors: decodeErrors(log) };
}

/** Every frame that a whole decode shows, for clips whose packets do not tell. */
async function listDecoded(source: Source, { table }: ProbedClip): Promise<ShownFrame[]> {
  const log: string[] = [];
  const filter = "showinfo=checksum=0,scale=16:16:flags=neighbor";
  await runFfmpeg({
    ...ffmpegInput(source, log, "level+verbose"),
    outputOptions: ["-map", "0:V:0", "-vf", filter, "-fps_mode", "passthrough", "-f", "null"],
  });
  return shownByDecoder(readLoggedFrames(log), table.startTicks);
}

function assemble(clip: {
  readonly probed: ProbedClip;
  readonly frames: readonly ShownFrame[];
  readonly picks: readonly FramePick[];
  readonly expected: number;
  readonly pixels: Pixels;
}): RawClip {
  const { probed, frames, picks, pixels } = clip;
  // ffmpeg's threads run a little past the last pick before they stop, now more, now less: that is not counted.
  const lastTicks = Math.max(...picks.map((pick) => pick.frame.ticks));
  const kept: { pixels: Uint8Array; timeS: number }[] = [];
  for (const { frame, timeS } of picks) {
    const found = pixels.byPts.get(frame.ticks + probed.table.startTicks);
    if (found !== undefined) kept.push({ pixels: found, timeS });
  }
  if (kept.length === 0)
    return pixels.errors > 0
      ? rejected("decode_error", `all of ${pixels.errors} attempts to decode a picture failed`)
      : rejected("zero_frames", "decoding ended without a single frame");
  return {
    kind: "frames",
    frames: kept.map((frame) => frame.pixels),
    timesS: kept.map((frame) => frame.timeS),
    info: clipInfoOf(probed, pixels.logged[0]),
    wanted: clip.expected,
    decoded: frames.filter((frame) => frame.ticks <= lastTicks).length,
    complete: kept.length >= clip.expected && pixels.errors === 0,
    decodeErrors: pixels.errors,
  };
}

function ffmpegInput(source: Source, log: string[], level: string) {
  return {
    ffmpegPath: source.ffmpegPath,
    inputPath: source.path,
    inputOptions: [
      ...["-loglevel", level, "-copyts", "-threads", "1"],
      ...["-format_whitelist", containers, "-max_streams", String(maxStreams)],
    ],
    signal: source.signal,
    onLogLine: (line: string) => void log.push(line),
  };
}

/**
 * Decoder errors from `Input stream #0:0 (video): 42 packets read (1234 bytes); 42 frames decoded; 0 decode errors`;
 * before FFmpeg 6, which does not count them, the lines logged as errors.
 */
function decodeErrors(log: readonly string[]): number {
  const counted = log.map((line) => /frames decoded; (\d+) decode errors/.exec(line)?.[1]).find(Boolean);
  return counted === undefined ? log.filter((line) => /\[error\]/.test(line)).length : Number(counted);
}

/** The last thing that ffmpeg said, without the private file's path and its own addresses. */
function lastWords(source: Source, log: readonly string[]): string {
  const tail = log
    .filter((line) => line.trim() !== "")
    .slice(-2)
    .join("; ");
  return tail.replaceAll(source.path, "clip").replace(/ @ 0x[0-9a-f]+/g, "");
}

function rejected(code: Rejection["code"], detail: string): RawClip {
  return { kind: "rejected", rejection: reject(code, detail) };
}
