import { createHash } from "node:crypto";
import type { ByteSource, FileIdentity } from "@shardmill/core";

/** What fixes a file's content: the source's own sha256 or git id, else a sha256 of the bytes read here. */
export async function contentHash(
  file: FileIdentity,
  source: ByteSource,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<string> {
  if (file.sha256 !== null) return `sha256:${file.sha256}`;
  if (file.oid !== null) return `oid:${file.oid}`;
  const hash = createHash("sha256");
  for await (const chunk of source.read({ start: 0, end: source.sizeBytes }, signal)) {
    hash.update(chunk);
    onBytes(chunk.length);
  }
  return `sha256:${hash.digest("hex")}`;
}
