import { type Rejection, reject } from "@shardmill/core";
import { clipInfoOf } from "../clip-info.ts";
import { clipRemarks } from "../clip-remarks.ts";
import { maxStreams } from "../containers.ts";
import { changedCodec } from "../content/changed-codec.ts";
import { encryptedTrack } from "../content/encrypted-track.ts";
import { isCutShort } from "../content/is-cut-short.ts";
import { pictureless, unopened } from "../content/without-picture.ts";
import type { DecodeOptions, DecodeSettings, RawClip } from "../raw-clip.ts";
import { packetExtent } from "../sampling/clip-extent.ts";
import { squareRefusal } from "../sampling/square-refusal.ts";
import type { Source } from "./clip-decoder.ts";
import { type Decoded, decodePlanned, decodeWhole } from "./decode-table.ts";
import { FrameDecoder, type OpenDecoder } from "./frame-decoder.ts";
import { type Libav, loadLibav } from "./load-libav.ts";
import { MemoryInput } from "./memory-input.ts";
import { packetTableOf } from "./packet-table-of.ts";
import { readPackets } from "./read-packets.ts";
import { takeTrueSizes } from "./true-sizes.ts";
import { findTrack, type VideoTrack } from "./video-track.ts";

let loading: Promise<Libav> | null = null;

interface Job {
  readonly libav: Libav;
  readonly bytes: Uint8Array;
  readonly settings: DecodeSettings;
  readonly signal: AbortSignal;
  readonly onProbe: ((durationS: number) => void) | undefined;
  readonly openDecoder: OpenDecoder;
}

/**
 * Picked frames of a clip as rgb24, decoded in this process. It holds the event loop for a tenth of a second at a
 * time and may go down with the decoder: only media children call it.
 */
export async function decodeWithLibav(
  clip: { readonly name: string; readonly bytes: Uint8Array },
  settings: DecodeSettings,
  signal: AbortSignal,
  { onProbe, openDecoder = FrameDecoder.open }: DecodeOptions & { readonly openDecoder?: OpenDecoder } = {},
): Promise<RawClip> {
  loading ??= loadLibav();
  const libav = await loading;
  signal.throwIfAborted();
  const { bytes } = clip;
  if (bytes.length > settings.limits.maxBytes)
    return rejected("too_large", `${bytes.length} bytes are more than ${settings.limits.maxBytes}`);
  const job = { libav, bytes, settings, signal, onProbe, openDecoder };
  const planned = await withInput(job, (input) => decodeInput(job, input, "brief"));
  return planned ?? (await withInput(job, (input) => decodeInput(job, input, "full"))) ?? unopened(bytes);
}

async function withInput(
  { libav, bytes }: Job,
  use: (input: MemoryInput) => Promise<RawClip | null>,
): Promise<RawClip | null> {
  const input = MemoryInput.open(libav, bytes);
  if (input === null) return unopened(bytes);
  try {
    return await use(input);
  } finally {
    input.close();
  }
}

/** Null where a brief probing is not enough, because the packets' times do not tell what is shown. */
async function decodeInput(job: Job, input: MemoryInput, probing: "brief" | "full"): Promise<RawClip | null> {
  const { libav, bytes, settings } = job;
  if (input.format.nbStreams > maxStreams)
    return rejected("decode_error", `the container holds more than ${maxStreams} streams`);
  takeTrueSizes(libav, bytes, input, settings.limits);
  const found = findTrack(libav, input, settings.limits, probing);
  if (found.kind === "rejected") return pictureless(bytes, found.rejection);
  const { track } = found;
  const place = { ordinal: track.ordinal, id: track.stream.id };
  const reason = encryptedTrack(bytes, place) ?? changedCodec(bytes, place);
  if (reason !== null) return rejected("decode_error", reason);
  const read = readPackets(libav, input, track);
  try {
    return await decodePackets(job, track, read, probing === "full");
  } finally {
    for (const packet of read.kept ?? []) packet.free();
  }
}

/** By plan first. Whatever the plan did not foresee (damage, a decoder that shows other frames) is decoded whole. */
async function decodePackets(
  { libav, bytes, settings, signal, onProbe, openDecoder }: Job,
  track: VideoTrack,
  read: ReturnType<typeof readPackets>,
  isRefuted: boolean,
): Promise<RawClip | null> {
  const table = packetTableOf(track, read, isCutShort(bytes));
  const { durationS } = packetExtent(table);
  onProbe?.(durationS);
  const { limits, sampling } = settings;
  if (durationS > limits.maxDurationS)
    return rejected("too_large", `${durationS.toFixed(1)} s are more than ${limits.maxDurationS}`);
  if (table.packets.length === 0) return rejected("zero_frames", "the video stream holds no packet");
  const refusal = squareRefusal(track.parameters, settings);
  if (refusal !== null) return { kind: "rejected", rejection: refusal };
  const source: Source = {
    libav,
    bytes,
    track,
    kept: read.kept,
    maxPixels: limits.maxPixels,
    openDecoder,
    isLoose: sampling === "keyframes",
  };
  const planned = isRefuted ? null : await decodePlanned(source, table, settings, signal);
  if (planned === null && track.isProbedBriefly) return null;
  const decoded = planned ?? (await decodeWhole(source, table, settings, signal));
  return decoded === null ? unopenedDecoder(libav, track) : judge(decoded, track, settings);
}

/** This build has no decoder for the codec, or the one that it has refuses what the container says of the stream. */
function unopenedDecoder({ lib }: Libav, { codec, parameters }: VideoTrack): RawClip {
  return lib.Codec.findDecoder(parameters.codecId) === null
    ? rejected("no_video_stream", `no decoder for ${codec}`)
    : rejected("decode_error", `the decoder for ${codec} does not open`);
}

function judge(
  { picks, converted, extent, isRefuted }: Decoded,
  track: VideoTrack,
  settings: DecodeSettings,
): RawClip {
  const { squares, timesS } = converted;
  const [first] = squares;
  if (first === undefined)
    return converted.decodeErrors > 0
      ? rejected("decode_error", `all of ${converted.decodeErrors} attempts to decode a picture failed`)
      : rejected("zero_frames", "decoding ended without a frame");
  if (squares.length < picks.expected * settings.minFrameShare)
    return rejected(
      "decode_truncated",
      `${squares.length} of ${picks.expected} expected frames could be decoded`,
    );
  const rate = { fps: track.averageFps, hasTimestamps: track.hasTimestamps };
  return {
    kind: "frames",
    frames: squares.map(({ pixels }) => pixels),
    timesS,
    info: clipInfoOf(track.codec, extent, rate, first),
    wanted: picks.expected,
    decoded: converted.decoded,
    complete: squares.length >= picks.expected && converted.damaged.size === 0,
    decodeErrors: converted.decodeErrors,
    remarks: clipRemarks(
      squares.find((square) => square.ignoredColour !== null)?.ignoredColour ?? null,
      isRefuted,
    ),
    spans:
      picks.expectedOf === null
        ? undefined
        : { of: converted.spanOf, expected: picks.expectedOf, damaged: converted.damaged },
  };
}

function rejected(code: Rejection["code"], detail: string): RawClip {
  return { kind: "rejected", rejection: reject(code, detail) };
}
