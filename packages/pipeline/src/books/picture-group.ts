import { createHash } from "node:crypto";

/** Of a sample with one picture: samples that show the same one are of one group. Null where it shows several, or none. */
export function pictureGroup(pictures: readonly Uint8Array[]): string | null {
  const [only, second] = pictures;
  if (only === undefined || second !== undefined) return null;
  return `img:${createHash("sha256").update(only).digest("hex")}`;
}
