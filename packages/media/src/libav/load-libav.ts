import { Failure } from "@shardmill/core";
import type { Bindings } from "./bindings.ts";
import type { MemoryReader } from "./memory-reader.ts";

/** FFmpeg's libraries, loaded. */
export interface Libav extends Bindings {
  /** Goes into the manifest's toolchain. */
  readonly version: string;
  /** Readers that no clip uses at the moment. */
  readonly idleReaders: MemoryReader[];
}

/** Loads the native library. It is 170 MB: call it once, in a child process. */
export async function loadLibav(): Promise<Libav> {
  try {
    const [lib, constants] = await Promise.all([import("node-av/lib"), import("node-av/constants")]);
    lib.Log.setLevel(constants.AV_LOG_QUIET);
    return { lib, constants, version: lib.getFFmpegInfo().version, idleReaders: [] };
  } catch (error) {
    throw new Failure(
      "decoder_unavailable",
      `node-av cannot be loaded on ${process.platform}-${process.arch}`,
      { cause: error },
    );
  }
}
