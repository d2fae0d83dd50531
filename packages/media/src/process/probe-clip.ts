import { reject } from "@shardmill/core";
import { encryptedTrack } from "../content/encrypted-track.ts";
import { lastSampleTicks } from "../content/mov-tracks.ts";
import { pictureless, type RejectedClip, unopened } from "../content/without-picture.ts";
import { type ClipFile, runOnClip } from "./ffmpeg-clip.ts";
import { isCutShort } from "./is-cut-short.ts";
import { isOpened, readInput } from "./read-input.ts";
import { type ProbedClip, readPacketTable } from "./read-packet-table.ts";

/** A clip as its packets describe it, or why it has none to show. */
export type Probe = { readonly kind: "probed"; readonly probed: ProbedClip } | RejectedClip;

/** Lists the packets of the video stream that ffmpeg takes by itself, without decoding them. */
export async function probeClip(file: ClipFile, bytes: Uint8Array): Promise<Probe> {
  const copy = ["-an", "-sn", "-dn", "-c", "copy", "-copyinkf", "-copypriorss", "1", "-f", "framecrc"];
  const { output, log } = await runOnClip(file, "info", copy);
  const probed = readPacketTable(output.toString("latin1"), log, isCutShort(bytes));
  if (probed === null) return refused(bytes, log);
  if (probed.stream.isCover)
    return pictureless(bytes, reject("no_video_stream", "the only picture is a cover"));
  const lock = encryptedTrack(bytes, probed.stream);
  if (lock !== null) return { kind: "rejected", rejection: reject("decode_error", lock) };
  return { kind: "probed", probed: withLastSample(probed, bytes) };
}

function withLastSample(probed: ProbedClip, bytes: Uint8Array): ProbedClip {
  const { packets } = probed.table;
  const duration = lastSampleTicks(bytes, probed.stream.ordinal);
  const last = packets.at(-1);
  if (duration === null || last === undefined) return probed;
  return { ...probed, table: { ...probed.table, packets: [...packets.slice(0, -1), { ...last, duration }] } };
}

function refused(bytes: Uint8Array, log: readonly string[]): Probe {
  if (!isOpened(log)) return unopened(bytes);
  const { chosen, hasSound } = readInput(log);
  const otherwise =
    chosen !== null
      ? reject("zero_frames", "the video stream holds no packet")
      : reject(
          "no_video_stream",
          hasSound ? "the file holds sound only" : "the container holds no video stream",
        );
  return pictureless(bytes, otherwise);
}
