import { type ImageResult, type MediaPool, Semaphore, type Toolchain } from "@shardmill/core";
import { OutputSpace } from "../src/mill/output-space.ts";
import type { MillTools } from "../src/mill/pack-shard.ts";

const noClip = (): never => {
  throw new Error("no clip is expected");
};

/** Whatever is in a picture's file is its picture. */
const pool: MediaPool = {
  size: 1,
  frames: noClip,
  spans: noClip,
  image: async ({ bytes }) =>
    ({ kind: "image", jpeg: Buffer.from(bytes), width: 1, height: 1, attempts: 1 }) satisfies ImageResult,
  close: async () => undefined,
};

export function toyTools(toolchain: Toolchain): MillTools {
  return {
    ...{ pool, texts: null, toolchain, onProgress: () => undefined },
    budget: new Semaphore(1_000_000),
    space: new OutputSpace({ minFreeBytes: 0, maxOutputBytes: null }),
  };
}
