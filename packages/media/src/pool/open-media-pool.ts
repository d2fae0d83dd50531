import type { MediaIncident, MediaPool } from "@shardmill/core";
import { findFfmpeg } from "../process/find-ffmpeg.ts";
import { type ChildLimits, defaultChildLimits } from "./child-limits.ts";
import { ChildPool } from "./child-pool.ts";
import { childProgram } from "./media-child.ts";

export interface MediaPoolOptions {
  /** Clips decoded at once, one child each. */
  readonly size: number;
  readonly decoder: "libav" | "process";
  /** Resident memory of one child (and its ffmpeg) beyond the clip's own bytes, MiB. Default 1024. */
  readonly memoryLimitMb?: number;
  /** A child is replaced after so many clips. Default 500. */
  readonly recycleAfterClips?: number;
  readonly limits?: Partial<ChildLimits>;
  /** ffmpeg for the process backend; null or absent: the system's, else the one from npm. */
  readonly ffmpegPath?: string | null;
  /** Environment of the children. Empty by default, so that no token of the worker reaches a decoder. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly onIncident?: (incident: MediaIncident) => void;
  /** What runs in a child. The decoder, but for a bench that measures what feeding alone costs. */
  readonly program?: string;
}

const DEFAULT_MEMORY_LIMIT_MB = 1024;
const DEFAULT_RECYCLE_AFTER_CLIPS = 500;

/**
 * Opens a pool whose decoder has been tried in a child. Rejects with `decoder_unavailable` where it cannot be
 * loaded: the decoder is part of the recipe, so no other one takes its place by itself.
 */
export async function openMediaPool(options: MediaPoolOptions): Promise<MediaPool> {
  const ffmpegPath =
    options.decoder === "process" ? (await findFfmpeg({ path: options.ffmpegPath ?? null })).path : null;
  const pool = new ChildPool({
    size: options.size,
    memoryLimitMb: options.memoryLimitMb ?? DEFAULT_MEMORY_LIMIT_MB,
    recycleAfterClips: options.recycleAfterClips ?? DEFAULT_RECYCLE_AFTER_CLIPS,
    limits: { ...defaultChildLimits, ...options.limits },
    ffmpegPath,
    environment: options.environment ?? {},
    program: options.program ?? childProgram,
    onIncident: options.onIncident ?? (() => {}),
  });
  try {
    await pool.tryDecoder(options.decoder);
    return pool;
  } catch (error) {
    await pool.close();
    throw error;
  }
}
