import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type ZipMember, zip } from "./zip.ts";

export const captionHeader =
  "video,caption,aesthetic score,motion score,temporal consistency score,camera motion,frame,fps,seconds";

export interface PartContent {
  readonly part: number;
  readonly members: readonly ZipMember[];
  /** Stored as `split -b` pieces, as 16 of OpenVid's parts are. */
  readonly pieces?: number;
  /** Names without a row in the CSV. */
  readonly uncaptioned?: readonly string[];
}

/** Files of a repository laid out like OpenVid-1M, by path. */
export async function openvidFiles(parts: readonly PartContent[]): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const rows: string[] = [captionHeader];
  for (const { part, members, pieces = 1, uncaptioned = [] } of parts) {
    const bytes = await zip(members);
    for (const [path, piece] of split(part, bytes, pieces)) files.set(path, piece);
    for (const name of new Set(
      members.map((member) => member.name.slice(member.name.lastIndexOf("/") + 1)),
    )) {
      if (name.endsWith(".mp4") && !uncaptioned.includes(name)) rows.push(captionRow(name));
    }
  }
  rows.push(captionRow("nobody_has_this.mp4"));
  files.set("data/train/OpenVid-1M.csv", Buffer.from(`${rows.join("\n")}\n`));
  // The HD list repeats rows of the other; it must not be read.
  files.set("data/train/OpenVidHD.csv", Buffer.from(`${rows.slice(0, 2).join("\n")}\n`));
  files.set("README.md", Buffer.from("# OpenVid\n"));
  return files;
}

export function captionRow(video: string): string {
  const caption = `A clip named ${video}, with "quotes", commas\nand a second line.`;
  return `${video},"${caption.replaceAll('"', '""')}",5.25,,0.99,static,50,25,2`;
}

function split(part: number, bytes: Buffer, pieces: number): [string, Buffer][] {
  if (pieces === 1) return [[`OpenVid_part${part}.zip`, bytes]];
  const step = Math.ceil(bytes.length / pieces);
  return Array.from({ length: pieces }, (_, i) => [
    `OpenVid_part${part}_parta${String.fromCharCode(97 + i)}`,
    bytes.subarray(i * step, (i + 1) * step),
  ]);
}

/** `clips` under names of their own, in a folder, as a part's members. */
export function membersOf(part: number, clips: readonly Buffer[], count = clips.length): ZipMember[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `videos_${part}/${i % 3 === 0 ? "--" : ""}clip_${part}_${i}.mp4`,
    bytes: clips[i % clips.length] ?? Buffer.alloc(0),
    deflate: i % 4 === 1,
  }));
}

export async function writeFiles(folder: string, files: ReadonlyMap<string, Buffer>): Promise<string> {
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  return folder;
}
