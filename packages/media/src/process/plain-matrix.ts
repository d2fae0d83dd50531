import { type ClipFile, runOnClip } from "./ffmpeg-clip.ts";
import type { ProbedClip } from "./read-packet-table.ts";

/** H.273's reserved matrix: FFmpeg from version 7 on opens no filter graph at all for a stream that is tagged so. */
const reservedMatrix = 3;
/** Codecs whose tags a bitstream filter of FFmpeg can rewrite, by its name. */
const filters: Readonly<Record<string, string>> = {
  h264: "h264_metadata",
  hevc: "hevc_metadata",
  mpeg2video: "mpeg2_metadata",
};

/**
 * The clip's video with its reserved matrix taken off, copied into a container that keeps times and packets as they are;
 * null where the matrix is another one or cannot be taken off. No filter behind the decoder could do it.
 */
export async function withoutReservedMatrix(file: ClipFile, probed: ProbedClip): Promise<Buffer | null> {
  const filter = filters[probed.table.codec];
  if (probed.stream.colour.matrix !== reservedMatrix || filter === undefined) return null;
  const copy = ["-map", `0:${probed.stream.index}`, "-c", "copy", "-copyinkf", "-copypriorss", "1"];
  const { output } = await runOnClip(file, "info", [
    ...copy,
    ...["-bsf:v", `${filter}=matrix_coefficients=2`, "-f", "nut"],
  ]);
  return output.length > 0 ? output : null;
}
