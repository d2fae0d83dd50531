import { ZipFile } from "yazl";

export interface ZipMember {
  /** With a slash at its end: a folder by itself. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly deflate?: boolean;
}

/** A zip in memory with a fixed time; stored unless said otherwise, as OpenVid's parts are. */
export async function zip(members: readonly ZipMember[]): Promise<Buffer> {
  const file = new ZipFile();
  const mtime = new Date(Date.UTC(2024, 0, 1));
  for (const { name, bytes, deflate } of members)
    if (name.endsWith("/")) file.addEmptyDirectory(name, { mtime });
    else file.addBuffer(Buffer.from(bytes), name, { compress: deflate === true, mtime });
  file.end();
  const chunks: Buffer[] = [];
  for await (const chunk of file.outputStream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
