import type { FormatContext, IOContext } from "node-av/lib";
import type { Libav } from "./load-libav.ts";

/**
 * The containers that a clip may come in. Everything else stays closed: playlists, manifests and image
 * sequences (concat, hls, dash, sdp, image2) name other files, and a clip from the net must not choose what we read.
 */
const containers =
  "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,mpegvideo,avi,flv,ogg,asf,gif,m4v,ivf,h264,hevc";

const bufferBytes = 1 << 18;
const maxStreams = 100;

/** Opens a container whose bytes are in memory. Null where no container of ours is found. The caller closes it. */
export class MemoryInput {
  readonly format: FormatContext;
  readonly #io: IOContext;

  private constructor(format: FormatContext, io: IOContext) {
    this.format = format;
    this.#io = io;
  }

  static open(libav: Libav, bytes: Uint8Array): MemoryInput | null {
    const { lib, constants } = libav;
    const io = memoryContext(libav, bytes);
    const format = new lib.FormatContext();
    const options = lib.Dictionary.fromObject({
      format_whitelist: containers,
      // The bytes come through our own reader; no demuxer may open anything by name.
      protocol_whitelist: "none",
      max_streams: maxStreams,
    });
    format.allocContext();
    format.pb = io;
    format.setFlags(constants.AVFMT_FLAG_CUSTOM_IO);
    try {
      if (format.openInputSync("", null, options) >= 0) return new MemoryInput(format, io);
      // A failed open has freed the format context, but not our reader.
      io.freeContext();
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
    this.#io.freeContext();
  }
}

function memoryContext({ lib, constants }: Libav, bytes: Uint8Array): IOContext {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let position = 0;
  const read = (size: number): Buffer | null => {
    if (position >= data.length) return null;
    const chunk = data.subarray(position, position + size);
    position += chunk.length;
    return chunk;
  };
  const seek = (offset: bigint, whence: number): bigint => {
    if (whence === constants.AVSEEK_SIZE) return BigInt(data.length);
    const base =
      whence === constants.AVSEEK_CUR ? position : whence === constants.AVSEEK_END ? data.length : 0;
    position = Math.max(0, base + Number(offset));
    return BigInt(position);
  };
  const io = new lib.IOContext();
  io.allocContextWithCallbacks(bufferBytes, 0, read, null, seek);
  return io;
}
