import { type Rejection, reject } from "@shardmill/core";
import { changedCodec } from "../content/changed-codec.ts";
import { encryptedTrack } from "../content/encrypted-track.ts";
import { isCutShort } from "../content/is-cut-short.ts";
import { lastSampleTicks } from "../content/mov-tracks.ts";
import { pictureless, type RejectedClip, unopened } from "../content/without-picture.ts";
import { type ClipFile, runOnClip } from "./ffmpeg-clip.ts";
import { isOpened, readInput } from "./read-input.ts";
import { type ProbedClip, readPacketTable } from "./read-packet-table.ts";

/** A clip as its packets describe it, or why it has none to show. */
export type Probe = { readonly kind: "probed"; readonly probed: ProbedClip } | RejectedClip;

/** Lists the packets of the video stream that ffmpeg takes by itself, without decoding them. */
export async function probeClip(file: ClipFile, bytes: Uint8Array): Promise<Probe> {
  const copy = ["-an", "-sn", "-dn", "-c", "copy", "-copyinkf", "-copypriorss", "1", "-f", "framecrc"];
  const { output, log } = await runOnClip(file, "info", copy);
  const probed = readPacketTable(output.toString("latin1"), log, isCutShort(bytes));
  if (probed === null) return await refused(file, bytes, log);
  if (probed.stream.isCover)
    return pictureless(bytes, reject("no_video_stream", "the only picture is a cover"));
  const reason = encryptedTrack(bytes, probed.stream) ?? changedCodec(bytes, probed.stream);
  if (reason !== null) return { kind: "rejected", rejection: reject("decode_error", reason) };
  return { kind: "probed", probed: withLastSample(probed, bytes) };
}

function withLastSample(probed: ProbedClip, bytes: Uint8Array): ProbedClip {
  const { packets } = probed.table;
  const duration = lastSampleTicks(bytes, probed.stream.ordinal);
  const last = packets.at(-1);
  if (duration === null || last === undefined) return probed;
  return { ...probed, table: { ...probed.table, packets: [...packets.slice(0, -1), { ...last, duration }] } };
}

async function refused(file: ClipFile, bytes: Uint8Array, log: readonly string[]): Promise<Probe> {
  if (!isOpened(log)) return unopened(bytes);
  const { chosen, hasSound } = readInput(log);
  if (chosen !== null) return pictureless(bytes, chosen.size === null ? await unsized(file) : noPacket);
  const otherwise = reject(
    "no_video_stream",
    hasSound ? "the file holds sound only" : "the container holds no video stream",
  );
  return pictureless(bytes, otherwise);
}

const noPacket = reject("zero_frames", "the video stream holds no packet");

/**
 * Why a stream has no size: its decoder found none, and did not believe the container. What the container says is seen
 * where no decoder is asked.
 */
async function unsized(file: ClipFile): Promise<Rejection> {
  const { log } = await runOnClip(file, "info", ["-c", "copy", "-f", "null"], {
    inputOptions: ["-codec_whitelist", "none"],
  });
  const size = readInput(log).chosen?.size;
  return size == null
    ? reject("decode_error", "nothing tells the size of its pictures")
    : reject("too_large", `${size.width}x${size.height} pixels are more than any decoder takes`);
}
