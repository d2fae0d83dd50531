import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { clipMirror } from "./clip-mirror.ts";
import { measure } from "./measure.ts";
import { runCommand } from "./run-command.ts";

const main = fileURLToPath(new URL("../../apps/cli/bin/shardmill.js", import.meta.url));

/**
 * `npm run bench -- layouts [--clips 1000] [--json]`: one shard milled, then laid out, whole commands with queue and all; and what a command
 * costs that finds nothing to do, which is the start of processes alone.
 */
export async function bench(options: readonly string[]): Promise<void> {
  const at = options.indexOf("--clips");
  const clips = at < 0 ? 1000 : Number(options[at + 1]);
  const folder = await mkdtemp(join(tmpdir(), "shardmill-bench-layouts-"));
  const out = join(folder, "out");
  const origin = join(out, "openvid-1m");
  const cpuSeconds = async (...args: string[]): Promise<number> => {
    const cost = await measure(clips, async () => {
      await runCommand(process.execPath, [main, ...args, "--workers", "2"]);
    });
    return cost.cpuSecondsPerClip * clips;
  };
  try {
    const source = await clipMirror(folder, clips);
    const build = ["build", "openvid-1m", "--source", source, "--out", out];
    const packed = ["layout", origin, "packed", "--as", "packed"];
    const milled = await cpuSeconds(...build, "--set", `samplesPerShard=${clips}`);
    const all = {
      clips,
      milled,
      packed: await cpuSeconds(...packed),
      // Made already: what is left is the start of processes.
      again: await cpuSeconds(...packed),
      fixed: await cpuSeconds("layout", origin, "fixed", "--frames", "16", "--as", "fixed"),
    };
    const share = (of: number): string => `1/${(milled / of).toFixed(1)}`;
    const work = (of: number): string =>
      `1/${((milled - all.again) / Math.max(0.01, of - all.again)).toFixed(1)}`;
    if (options.includes("--json")) console.log(JSON.stringify(all));
    else {
      console.table(all);
      console.log(
        `CPU to milling, whole commands: packed ${share(all.packed)}, fixed ${share(all.fixed)}; without what a command costs that finds nothing to do: packed ${work(all.packed)}, fixed ${work(all.fixed)}`,
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
