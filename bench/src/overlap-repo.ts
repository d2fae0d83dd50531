import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { ZipFile } from "yazl";

export interface RepoMember {
  readonly name: string;
  /** A file on disk, or the bytes themselves. */
  readonly content: string | Buffer;
}

export const partFile = "OpenVid_part0.zip";

/** A folder laid out like OpenVid-1M with one part: stored members, and a caption for each. */
export async function writeRepo(folder: string, members: readonly RepoMember[]): Promise<string> {
  const zip = new ZipFile();
  for (const { name, content } of members) {
    if (typeof content === "string") zip.addFile(content, name, { compress: false });
    else zip.addBuffer(content, name, { compress: false });
  }
  zip.end();
  const csv = join(folder, "data/train/OpenVid-1M.csv");
  await mkdir(dirname(csv), { recursive: true });
  const header =
    "video,caption,aesthetic score,motion score,temporal consistency score,camera motion,frame,fps,seconds";
  const rows = members.map(({ name }) => `${name},A clip named ${name}.,5.25,1,0.99,static,240,30,8`);
  await writeFile(csv, `${[header, ...rows].join("\n")}\n`);
  await pipeline(zip.outputStream, createWriteStream(join(folder, partFile)));
  return folder;
}
