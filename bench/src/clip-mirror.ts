import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findFfmpeg } from "@shardmill/media";
import { defaultClips } from "./default-clips.ts";
import { storedZip } from "./stored-zip.ts";

/** One part laid out like OpenVid, its members the 720p clips of the frames bench in turn. */
export async function clipMirror(folder: string, count: number): Promise<string> {
  const source = join(folder, "source");
  await mkdir(join(source, "data/train"), { recursive: true });
  const paths = (await defaultClips((await findFfmpeg()).path)).filter((path) => path.includes("h264-720p"));
  const clips = await Promise.all(paths.map((path) => readFile(path)));
  const members = Array.from({ length: count }, (_, i) => ({
    name: `clip_${i}.mp4`,
    bytes: clips[i % clips.length] ?? Buffer.alloc(0),
  }));
  await storedZip(join(source, "OpenVid_part0.zip"), members);
  const header =
    "video,caption,aesthetic score,motion score,temporal consistency score,camera motion,frame,fps,seconds";
  const rows = members.map(({ name }) => `${name},A clip.,5.0,3.0,0.9,static,240,30,8`);
  await writeFile(join(source, "data/train/OpenVid-1M.csv"), `${[header, ...rows].join("\n")}\n`);
  return source;
}
