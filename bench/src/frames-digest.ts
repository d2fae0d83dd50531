import { createHash } from "node:crypto";

/** One hash for all frames of a clip. One that stands for several instants in a row counts once. */
export function digestOf(frames: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const [at, frame] of frames.entries()) {
    const before = frames[at - 1];
    if (before === undefined || Buffer.compare(before, frame) !== 0) hash.update(frame);
  }
  return hash.digest("hex");
}
