import { type Rejection, reject } from "@shardmill/core";
import { encryptedTrack } from "./encrypted-track.ts";
import { nameContent } from "./name-content.ts";

export interface RejectedClip {
  readonly kind: "rejected";
  readonly rejection: Rejection;
}

/** What is said of a file in which no decoder finds a container. */
export function unopened(bytes: Uint8Array): RejectedClip {
  const rejection = nameContent(bytes) ?? reject("decode_error", "no video container was recognised");
  return { kind: "rejected", rejection };
}

/**
 * What is said of a container in which no decoder finds a picture that it could show: `otherwise`, unless the bytes tell
 * better why. A picture that is too large is no such case.
 */
export function pictureless(bytes: Uint8Array, otherwise: Rejection): RejectedClip {
  if (otherwise.code === "too_large") return { kind: "rejected", rejection: otherwise };
  const lock = encryptedTrack(bytes, null);
  const rejection = lock === null ? nameContent(bytes) : reject("decode_error", lock);
  return { kind: "rejected", rejection: rejection ?? otherwise };
}
