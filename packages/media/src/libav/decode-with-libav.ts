import { type ClipInfo, type FrameSettings, type Rejection, reject } from "@shardmill/core";
import type { RawClip } from "../raw-clip.ts";
import type { PacketTable } from "../sampling/packet-table.ts";
import { type FramePicks, pickFrames } from "../sampling/pick-frames.ts";
import { planDecode } from "../sampling/plan-decode.ts";
import { shownFrames } from "../sampling/shown-frames.ts";
import type { Source } from "./clip-decoder.ts";
import { clipInfo } from "./clip-info.ts";
import { type Converted, convertPicks } from "./convert-picks.ts";
import { listFrames } from "./list-frames.ts";
import { type Libav, loadLibav } from "./load-libav.ts";
import { MemoryInput } from "./memory-input.ts";
import { packetTableOf } from "./packet-table-of.ts";
import { readPackets } from "./read-packets.ts";
import { findTrack } from "./video-track.ts";

let loading: Promise<Libav> | null = null;

/**
 * Picked frames of a clip as rgb24, decoded in this process. It holds the event loop for a tenth of a second at a
 * time and may go down with the decoder: only media children call it.
 */
export async function decodeWithLibav(
  clip: { readonly name: string; readonly bytes: Uint8Array },
  settings: FrameSettings,
  signal: AbortSignal,
  onProbe?: (durationS: number) => void,
): Promise<RawClip> {
  loading ??= loadLibav();
  const libav = await loading;
  signal.throwIfAborted();
  if (clip.bytes.length > settings.limits.maxBytes)
    return rejected("too_large", `${clip.bytes.length} bytes are more than ${settings.limits.maxBytes}`);
  const input = MemoryInput.open(libav, clip.bytes);
  if (input === null) return rejected("decode_error", "no video container was recognised");
  try {
    return await decodeInput(libav, input, clip.bytes, settings, signal, onProbe);
  } finally {
    input.close();
  }
}

async function decodeInput(
  libav: Libav,
  input: MemoryInput,
  bytes: Uint8Array,
  settings: FrameSettings,
  signal: AbortSignal,
  onProbe: ((durationS: number) => void) | undefined,
): Promise<RawClip> {
  const found = findTrack(libav, input, settings.limits);
  if (found.kind === "rejected") return found;
  const { track } = found;
  const read = readPackets(libav, input, track);
  try {
    const table = packetTableOf(track, read);
    const info = clipInfo(libav, track, table);
    onProbe?.(info.durationS);
    if (info.durationS > settings.limits.maxDurationS)
      return rejected(
        "too_large",
        `${info.durationS.toFixed(1)} s are more than ${settings.limits.maxDurationS}`,
      );
    if (table.packets.length === 0) return rejected("zero_frames", "the video stream holds no packet");
    const source = {
      libav,
      bytes,
      track,
      kept: read.kept,
      maxPixels: settings.limits.maxPixels,
      isLoose: settings.sampling === "keyframes",
    };
    return judge(await decodeTable(source, table, settings, signal), info, settings);
  } finally {
    for (const packet of read.kept ?? []) packet.free();
  }
}

interface Decoded {
  readonly picks: FramePicks;
  readonly converted: Converted;
}

/** By plan first. Whatever the plan did not foresee (damage, a decoder that shows other frames) is decoded whole. */
async function decodeTable(
  source: Source,
  table: PacketTable,
  settings: FrameSettings,
  signal: AbortSignal,
): Promise<Decoded | null> {
  const shown = shownFrames(table);
  const foreseen = shown === null ? null : pickFrames(shown, table, settings);
  if (foreseen !== null) {
    const plan = planDecode(table, new Set(foreseen.picks.map((pick) => pick.frame.index)));
    const converted = await convertPicks(source, plan, foreseen, table, settings, signal);
    if (converted === null) return null;
    if (converted.isAsForeseen) return { picks: foreseen, converted };
  }
  const listed = await listFrames(source, table, signal);
  if (listed === null) return null;
  const picks = pickFrames(listed.frames, table, settings);
  const expected = Math.max(picks.expected, foreseen?.expected ?? 0);
  const converted = await convertPicks(source, "whole", picks, table, settings, signal);
  return converted === null ? null : { picks: { ...picks, expected }, converted };
}

function judge(decoded: Decoded | null, info: ClipInfo, settings: FrameSettings): RawClip {
  if (decoded === null) return rejected("no_video_stream", `no decoder opens for ${info.codec}`);
  const { picks, converted } = decoded;
  const { frames, timesS } = converted;
  if (frames.length === 0)
    return converted.decodeErrors > 0
      ? rejected("decode_error", `all of ${converted.decodeErrors} attempts to decode a picture failed`)
      : rejected("zero_frames", "decoding ended without a frame");
  if (frames.length < picks.expected * settings.minFrameShare)
    return rejected(
      "decode_truncated",
      `${frames.length} of ${picks.expected} expected frames could be decoded`,
    );
  return {
    kind: "frames",
    frames,
    timesS,
    info,
    wanted: picks.expected,
    decoded: converted.decoded,
    complete: frames.length >= picks.expected && converted.decodeErrors === 0,
    decodeErrors: converted.decodeErrors,
  };
}

function rejected(code: Rejection["code"], detail: string): RawClip {
  return { kind: "rejected", rejection: reject(code, detail) };
}
