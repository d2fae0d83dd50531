import type { FrameSettings } from "@shardmill/core";
import type { FramePick } from "../sampling/pick-frames.ts";
import type { ShownFrame } from "../sampling/shown-frames.ts";
import { type ClipFile, runOnClip } from "./ffmpeg-clip.ts";
import { colourFilters, frameFilter } from "./frame-filter.ts";
import { FrameSieve } from "./frame-sieve.ts";
import type { ProbedClip } from "./read-packet-table.ts";
import {
  corruptFrames,
  decodeErrors,
  isCorrupt,
  type LoggedFrame,
  readLoggedFrames,
  shownByDecoder,
} from "./read-shown-frames.ts";

/** Pixels of picked frames, by the frame's index. */
export interface Pixels {
  readonly byIndex: ReadonlyMap<number, Uint8Array>;
  /** The frames that the decoder gave, as far as it came. */
  readonly logged: readonly LoggedFrame[];
  readonly errors: number;
}

/** What a whole decode has shown. */
export interface Listed {
  readonly frames: readonly ShownFrame[];
  readonly logged: readonly LoggedFrame[];
  readonly errors: number;
  /** Frames that the decoder itself called corrupt, by their index. */
  readonly corrupt: ReadonlySet<number>;
}

/** Levels before each line, and the decoder's own account at the end. */
const level = "level+verbose";

/**
 * The pixels of frames that are known by their times: a full decode up to the last pick, of which only the picked frames
 * are scaled. All that come are logged, so that their order can be checked.
 */
export async function decodeByTime(
  file: ClipFile,
  probed: ProbedClip,
  picks: readonly FramePick[],
  settings: FrameSettings,
): Promise<Pixels> {
  const wanted = [...new Set(picks.map(({ frame }) => frame))];
  const select = wanted.map(({ ticks }) => `eq(pts,${ticks})`).join("+");
  const { output, log } = await runOnClip(file, level, [
    ...pictures(probed, [`select='${select}'`, frameFilter(settings)]),
    ...["-frames:v", String(wanted.length), "-f", "rawvideo"],
  ]);
  const logged = readLoggedFrames(log);
  const bytes = frameBytes(settings);
  const came = logged.flatMap(({ pts }) => wanted.find(({ ticks }) => ticks === pts) ?? []);
  const byIndex = new Map<number, Uint8Array>();
  for (const [at, { index }] of came.entries()) {
    const pixels = output.subarray(at * bytes, (at + 1) * bytes);
    if (pixels.byteLength === bytes) byIndex.set(index, pixels);
  }
  return { byIndex, logged, errors: decodeErrors(log) };
}

/**
 * The pixels of frames that are known by their places in the decoder's order. Where ffmpeg began a new filter graph in
 * mid clip, its own numbers say nothing: then every frame is scaled and the sieve keeps the picked ones.
 */
export async function decodeByPlace(
  file: ClipFile,
  probed: ProbedClip,
  { picks, logged }: { readonly picks: readonly FramePick[]; readonly logged: Listed["logged"] },
  settings: FrameSettings,
): Promise<Pixels> {
  const wanted = [...new Set(picks.map(({ frame }) => frame.index))].sort((a, b) => a - b);
  const isNumbered = logged.every(({ n }, index) => n === index);
  const select = wanted.map((index) => `eq(n,${index})`).join("+");
  const filters = isNumbered ? [`select='${select}'`, frameFilter(settings)] : [frameFilter(settings)];
  const places = isNumbered ? wanted.map((_, at) => at) : wanted;
  const sieve = new FrameSieve(frameBytes(settings), new Set(places));
  const last = String((places.at(-1) ?? 0) + 1);
  const options = [...pictures(probed, filters), "-frames:v", last, "-f", "rawvideo"];
  const { log } = await runOnClip(file, level, options, { sieve });
  const byIndex = new Map<number, Uint8Array>();
  for (const [at, place] of places.entries()) {
    const pixels = sieve.frames.get(place);
    if (pixels !== undefined) byIndex.set(wanted[at] ?? 0, pixels);
  }
  return { byIndex, logged, errors: decodeErrors(log) };
}

/** Every frame that a whole decode shows, for clips whose packets do not tell. */
export async function listDecoded(file: ClipFile, probed: ProbedClip): Promise<Listed> {
  const { log } = await runOnClip(file, level, [...pictures(probed, []), "-f", "null"]);
  const logged = readLoggedFrames(log);
  // Which of them are corrupt, only the decoder's thread tells in order, at the price of some lines for each packet; and
  // in a run without showinfo, which writes its lines in pieces, between which those of other threads may come.
  const alone = ["-map", `0:${probed.stream.index}`, "-fps_mode", "passthrough", "-f", "null"];
  const told = log.some(isCorrupt)
    ? await runOnClip(file, level, alone, { inputOptions: ["-debug_ts"] })
    : { log: [] };
  return {
    logged,
    frames: shownByDecoder(logged),
    errors: decodeErrors(log),
    corrupt: corruptFrames(told.log),
  };
}

function pictures({ stream }: ProbedClip, filters: readonly string[]): string[] {
  const chain = [...colourFilters(stream.colour), "showinfo=checksum=0", ...filters].join(",");
  return ["-map", `0:${stream.index}`, "-filter_threads", "1", "-vf", chain, "-fps_mode", "passthrough"];
}

function frameBytes({ size }: Pick<FrameSettings, "size">): number {
  return size * size * 3;
}
