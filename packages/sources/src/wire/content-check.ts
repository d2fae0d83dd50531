import { createHash } from "node:crypto";
import type { ByteRange, FileIdentity } from "@shardmill/core";

export interface ContentCheck {
  update(chunk: Uint8Array): void;
  /** After the last chunk. */
  isGood(): boolean;
}

/**
 * Hashes a read of a whole file against what the listing says: the sha256, or a git-stored file's blob id. A caption
 * file or a plain tar has no checksum of its own that would show a flipped byte. Null for a part of a file, and where the
 * source tells no hash.
 */
export function contentCheck(file: FileIdentity, range: ByteRange): ContentCheck | null {
  if (range.start !== 0 || range.end !== file.sizeBytes) return null;
  const isBlob = file.sha256 === null && file.oid !== null && /^[0-9a-f]{40}$/.test(file.oid);
  const expected = file.sha256 ?? (isBlob ? file.oid : null);
  if (expected === null) return null;
  const hash = createHash(isBlob ? "sha1" : "sha256");
  if (isBlob) hash.update(`blob ${file.sizeBytes}\0`);
  return {
    update: (chunk) => void hash.update(chunk),
    isGood: () => hash.digest("hex") === expected,
  };
}
