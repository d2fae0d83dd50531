import type { FormatContext } from "node-av/lib";
import { containers, maxStreams } from "../containers.ts";
import { isMotionJpeg, motionJpegReader } from "../content/motion-jpeg.ts";
import type { Libav } from "./load-libav.ts";
import { MemoryReader } from "./memory-reader.ts";

/** Opens a container whose bytes are in memory. Null where no container of ours is found. The caller closes it. */
export class MemoryInput {
  readonly format: FormatContext;
  readonly #reader: MemoryReader;
  readonly #idle: MemoryReader[];

  private constructor(format: FormatContext, reader: MemoryReader, idle: MemoryReader[]) {
    this.format = format;
    this.#reader = reader;
    this.#idle = idle;
  }

  static open(libav: Libav, bytes: Uint8Array): MemoryInput | null {
    const { lib, constants, idleReaders } = libav;
    const reader = idleReaders.pop() ?? new MemoryReader(libav);
    reader.show(bytes);
    const format = new lib.FormatContext();
    const options = lib.Dictionary.fromObject({
      format_whitelist: containers,
      // The bytes come through our own reader; no demuxer may open anything by name.
      protocol_whitelist: "none",
      // One more, to be seen: at the limit, the reader of Matroska opens the file and leaves out what is beyond.
      max_streams: maxStreams + 1,
    });
    format.allocContext();
    format.pb = reader.io;
    format.setFlags(constants.AVFMT_FLAG_CUSTOM_IO);
    const named = isMotionJpeg(bytes) ? lib.InputFormat.findInputFormat(motionJpegReader) : null;
    try {
      if (format.openInputSync("", named, options) >= 0) return new MemoryInput(format, reader, idleReaders);
      // A failed open has freed the format context, but not our reader.
      release(reader, idleReaders);
      return null;
    } finally {
      options.free();
    }
  }

  /**
   * The reader stays attached until the format context is gone: without it, node-av's close takes a container
   * with no stream for one that was never opened, frees it, and frees it again at the next garbage collection.
   */
  close(): void {
    this.format.closeInputSync();
    release(this.#reader, this.#idle);
  }
}

function release(reader: MemoryReader, idle: MemoryReader[]): void {
  reader.clear();
  idle.push(reader);
}
