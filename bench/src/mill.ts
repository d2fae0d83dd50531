import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { clipMirror } from "./clip-mirror.ts";
import { measure } from "./measure.ts";
import { runCommand } from "./run-command.ts";

const main = fileURLToPath(new URL("../../apps/cli/bin/shardmill.js", import.meta.url));

/**
 * `npm run bench -- mill [--clips 500] [--json]`: whole builds through the command line, queue and all, with either
 * decoder and the same two clips at once: what the gain of the decoder is worth in samples per second.
 */
export async function bench(options: readonly string[]): Promise<void> {
  const at = options.indexOf("--clips");
  const clips = at < 0 ? 500 : Number(options[at + 1]);
  const folder = await mkdtemp(join(tmpdir(), "shardmill-bench-mill-"));
  try {
    const source = await clipMirror(folder, clips);
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
