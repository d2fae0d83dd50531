import type { Stream } from "node-av/lib";
import type { Libav } from "./load-libav.ts";

/**
 * The video stream that ffmpeg's command takes by itself (fftools/ffmpeg_mux_init.c, `map_auto_video`): the one with
 * the most pixels, where one that showed a packet while the file was probed goes before all others and the default flag
 * counts for five million pixels. A cover is taken only where there is nothing else.
 */
export function chooseStream({ constants }: Libav, streams: readonly Stream[]): Stream | null {
  let best: { readonly stream: Stream; readonly score: number } | null = null;
  for (const stream of streams) {
    if (stream.codecpar.codecType !== constants.AVMEDIA_TYPE_VIDEO) continue;
    const has = (flags: number, flag: number, score: number) => ((flags & flag) === 0 ? 0 : score);
    const { disposition } = stream;
    const isCover = (disposition & constants.AV_DISPOSITION_ATTACHED_PIC) !== 0;
    const score = isCover
      ? 1
      : stream.codecpar.width * stream.codecpar.height +
        has(stream.eventFlags, constants.AVSTREAM_EVENT_FLAG_NEW_PACKETS, 100_000_000) +
        has(disposition, constants.AV_DISPOSITION_DEFAULT, 5_000_000);
    if (score > (best?.score ?? 0)) best = { stream, score };
  }
  return best?.stream ?? null;
}
