import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findFfmpeg } from "@shardmill/media";
import { defaultClips } from "./default-clips.ts";
import { measure } from "./measure.ts";
import { runCommand } from "./run-command.ts";
import { storedZip } from "./stored-zip.ts";

const main = fileURLToPath(new URL("../../apps/cli/dist/main.js", import.meta.url));

/**
 * `npm run bench -- mill [--clips 500] [--json]`: whole builds through the command line, queue and all, with either
 * decoder and the same two clips at once: what the gain of the decoder is worth in samples per second.
 */
export async function bench(options: readonly string[]): Promise<void> {
  const at = options.indexOf("--clips");
  const clips = at < 0 ? 500 : Number(options[at + 1]);
  const folder = await mkdtemp(join(tmpdir(), "shardmill-bench-mill-"));
  try {
    const source = await makeMirror(folder, clips);
    const rows: Record<string, { samplesPerSecond: number; cpuSecondsPerClip: number }> = {};
    for (const decoder of ["process", "libav"]) {
      const out = join(folder, `out-${decoder}`);
      const cost = await measure(clips, async () => {
        const recipe = ["--set", `decoder=${decoder}`, "--set", "samplesPerShard=100"];
        await runCommand(process.execPath, [
          main,
          "build",
          "openvid-1m",
          "--source",
          source,
          "--out",
          out,
          "--workers",
          "2",
          ...recipe,
        ]);
      });
      rows[decoder] = { samplesPerSecond: cost.clipsPerSecond, cpuSecondsPerClip: cost.cpuSecondsPerClip };
    }
    const { process: before, libav: after } = rows;
    const ratio = (after?.samplesPerSecond ?? 0) / (before?.samplesPerSecond ?? 1);
    if (options.includes("--json"))
      console.log(JSON.stringify({ clips, workers: 2, process: before, libav: after, ratio }));
    else {
      console.table(rows);
      console.log(`${clips} clips, 2 at once; libav to process: ${ratio.toFixed(2)} x samples/s`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One part laid out like OpenVid, its members the 720p clips of the frames bench in turn. */
async function makeMirror(folder: string, count: number): Promise<string> {
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
