import { mkdir, rename, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFfmpeg } from "@shardmill/media";
import { writeRepo } from "./overlap-repo.ts";
import { runCommand } from "./run-command.ts";

const seeds = [1, 2, 3, 4];

/** Short 720p clips, made once in a few seconds: here only their ratio of bytes to decoding matters, not their picture. */
async function overlapClips(ffmpegPath: string): Promise<string[]> {
  const folder = join(tmpdir(), "shardmill-bench-overlap-1");
  await mkdir(folder, { recursive: true });
  const paths: string[] = [];
  for (const seed of seeds) {
    const path = join(folder, `${seed}.mp4`);
    paths.push(path);
    if ((await stat(path).catch(() => null)) !== null) continue;
    const partial = join(folder, `${seed}.${process.pid}.partial.mp4`);
    const source = `testsrc2=size=1280x720:rate=30,noise=all_seed=${seed}:alls=6:allf=t`;
    await runCommand(ffmpegPath, [
      ...["-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", source, "-t", "5"],
      ...["-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p", partial],
    ]);
    await rename(partial, path);
  }
  return paths;
}

/** A folder laid out like OpenVid-1M whose one part has `count` of these clips, in turn. */
export async function clipRepo(folder: string, count: number): Promise<string> {
  const clips = await overlapClips((await findFfmpeg()).path);
  const members = Array.from({ length: count }, (_, index) => ({
    name: `clip_${index}.mp4`,
    content: clips[index % clips.length] ?? "",
  }));
  return writeRepo(folder, members);
}
