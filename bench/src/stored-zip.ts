import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { ZipFile } from "yazl";

/** A zip of stored members, written as a stream: a bench's part may be larger than memory. */
export async function storedZip(
  path: string,
  members: readonly { readonly name: string; readonly bytes: Uint8Array }[],
): Promise<void> {
  const zip = new ZipFile();
  for (const { name, bytes } of members)
    zip.addBuffer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), name, {
      compress: false,
      mtime: new Date(0),
    });
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
}
