import type { FrameSettings } from "@shardmill/core";
import type { Stream } from "node-av/lib";
import { FrameDecoder } from "./frame-decoder.ts";
import type { Libav } from "./load-libav.ts";
import { MemoryInput } from "./memory-input.ts";
import { isOversized } from "./video-track.ts";

/**
 * Headers lie. Where one states more pixels than the limit, FFmpeg's probing, which no limit holds, must not find out: a
 * decoder with the limit is asked, and its word on the first picture takes the header's place. Where it shows none, the
 * header's word stands.
 */
export function takeTrueSizes(
  libav: Libav,
  bytes: Uint8Array,
  { format }: MemoryInput,
  limits: FrameSettings["limits"],
): void {
  for (const stream of format.streams) {
    if (!isOversized(stream.codecpar, limits)) continue;
    const size = firstSize(libav, bytes, stream.index, limits);
    if (size === null) continue;
    stream.codecpar.width = size.width;
    stream.codecpar.height = size.height;
  }
}

function firstSize(
  libav: Libav,
  bytes: Uint8Array,
  index: number,
  { maxPixels }: FrameSettings["limits"],
): { readonly width: number; readonly height: number } | null {
  const input = MemoryInput.open(libav, bytes);
  if (input === null) return null;
  const stream = input.format.streams[index];
  const decoder = stream === undefined ? null : openWithoutSize(libav, stream, maxPixels);
  const packet = new libav.lib.Packet();
  packet.alloc();
  try {
    while (decoder !== null && input.format.readFrameSync(packet) >= 0) {
      const frames = packet.streamIndex === index ? decoder.decode(packet) : [];
      for (const { frame } of frames) return { width: frame.width, height: frame.height };
      packet.unref();
    }
    for (const { frame } of decoder?.drain() ?? []) return { width: frame.width, height: frame.height };
    return null;
  } finally {
    packet.free();
    decoder?.close();
    input.close();
  }
}

function openWithoutSize(libav: Libav, stream: Stream, maxPixels: number): FrameDecoder | null {
  const parameters = stream.codecpar;
  parameters.width = 0;
  parameters.height = 0;
  return FrameDecoder.open(libav, { stream, parameters }, maxPixels);
}
