import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clipMirror } from "./clip-mirror.ts";
import { type Cost, medianCost } from "./measure.ts";
import { shardmillCost } from "./shardmill-cost.ts";
import type { TokensOptions } from "./tokens-options.ts";

/** Clips are milled once into one shard; then the tokens of that shard are made, round after round, and no clip is decoded. */
export async function compareClips({ json, tokenizer, rows, rounds }: TokensOptions): Promise<void> {
  const say = (line: string): void => void (json ? process.stderr : process.stdout).write(`${line}\n`);
  const [clips = 0] = rows;
  const folder = await mkdtemp(join(tmpdir(), "shardmill-bench-tokenize-"));
  try {
    const source = await clipMirror(folder, clips);
    const out = join(folder, "out");
    const place = ["--source", source, "--out", out, "--workers", "2"];
    const milled = await shardmillCost(clips, [
      ...["build", "openvid-1m", ...place, "--set", `samplesPerShard=${clips}`],
    ]);
    say(`milled    ${seconds(milled, clips)}`);
    const costs: Cost[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const recipe = ["--recipe", "seed-stage3", "--set", `recipe.text.tokenizer=${tokenizer}`];
      const name = `tokens-${round}`;
      const cost = await shardmillCost(clips, [
        ...["tokenize", join(out, "openvid-1m"), "--as", name, "--workers", "2", ...recipe],
      ]);
      costs.push(cost);
      say(`tokenized ${seconds(cost, clips)}`);
    }
    const ratio = medianCost(costs).cpuSecondsPerClip / milled.cpuSecondsPerClip;
    say(
      `${clips} clips in a shard: tokenize takes ${ratio.toFixed(4)} of the CPU of milling (less than 0.1), median`,
    );
    if (json)
      process.stdout.write(`${JSON.stringify({ clips, milled, tokenized: costs, ratio }, null, 2)}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function seconds({ cpuSecondsPerClip, clipsPerSecond }: Cost, clips: number): string {
  return `${(cpuSecondsPerClip * clips).toFixed(1)} CPU s, ${(clips / clipsPerSecond).toFixed(1)} s`;
}
