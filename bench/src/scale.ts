import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { median } from "./measure.ts";
import { clipRepo } from "./overlap-clips.ts";
import { build } from "./overlap-runs.ts";
import { queueOverhead } from "./queue-overhead.ts";

/**
 * `npm run bench -- scale [--clips 60] [--samples-per-shard 1] [--rounds 3] [--empty-shards 1000] [--json]`: the same
 * build with `--workers 1` and `--workers 2` in turn, one decoding thread each, start to end; and what the queue alone
 * takes for a shard.
 */
export async function bench(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: "boolean", default: false },
      clips: { type: "string", default: "60" },
      "samples-per-shard": { type: "string", default: "1" },
      rounds: { type: "string", default: "3" },
      "empty-shards": { type: "string", default: "1000" },
    },
  });
  const clips = Number(values.clips);
  const samplesPerShard = Number(values["samples-per-shard"]);
  const scratch = await mkdtemp(join(tmpdir(), "shardmill-bench-scale-"));
  try {
    const from = await clipRepo(join(scratch, "source"), clips);
    const seconds: { one: number; two: number }[] = [];
    for (let round = 0; round < Number(values.rounds); round += 1) {
      const run = async (workers: number): Promise<number> =>
        (await build({ from, workers, samplesPerShard, memory: "256MB", scratch: join(scratch, "run") }))
          .seconds;
      seconds.push({ one: await run(1), two: await run(2) });
    }
    const empty = Number(values["empty-shards"]);
    const overheadMs = { one: await queueOverhead(empty, 1), two: await queueOverhead(empty, 2) };
    const one = median(seconds.map((round) => round.one));
    const two = median(seconds.map((round) => round.two));
    const found = {
      clips,
      shards: Math.ceil(clips / samplesPerShard),
      cores: availableParallelism(),
      seconds,
      ratio: one / two,
      overheadMs,
    };
    if (values.json) return console.log(JSON.stringify(found, null, 2));
    console.table(seconds);
    console.log(
      `${clips} clips in ${found.shards} shards on ${found.cores} cores: ${one.toFixed(1)} s with one worker, ${two.toFixed(1)} s with two: ${found.ratio.toFixed(2)} x (wanted: at least 1.7)`,
    );
    console.log(
      `the queue alone: ${overheadMs.one.toFixed(2)} ms a shard one at a time, ${overheadMs.two.toFixed(2)} ms two at a time`,
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
