import { ZipFile } from "yazl";

/** A stored zip in memory, with a fixed time, as OpenVid's parts are: the demo's mirror is made from it. */
export async function writeZip(
  members: readonly { readonly name: string; readonly bytes: Uint8Array }[],
): Promise<Buffer> {
  const zip = new ZipFile();
  for (const { name, bytes } of members) {
    zip.addBuffer(Buffer.from(bytes), name, { compress: false, mtime: new Date(Date.UTC(2024, 0, 1)) });
  }
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
