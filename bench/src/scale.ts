import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { median } from "./measure.ts";
import { clipRepo } from "./overlap-clips.ts";
import { type BuildRun, build } from "./overlap-runs.ts";
import { queueOverhead } from "./queue-overhead.ts";

/** Seconds. */
interface Round {
  readonly one: number;
  readonly two: number;
  readonly millOne: number;
  readonly millTwo: number;
}

/**
 * `npm run bench -- scale [--clips 60] [--samples-per-shard 1] [--rounds 3] [--empty-shards 1000] [--json]`: the same
 * build with `--workers 1` and `--workers 2` in turn, one decoding thread each: start to end, and from the first shard's
 * beginning to the last one's commit; and what the queue alone takes for a shard.
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
    const rounds: Round[] = [];
    for (let round = 0; round < Number(values.rounds); round += 1) {
      const run = (workers: number): Promise<BuildRun> =>
        build({ from, workers, samplesPerShard, memory: "256MB", scratch: join(scratch, "run") });
      const one = await run(1);
      const two = await run(2);
      rounds.push({ one: one.seconds, two: two.seconds, millOne: one.millSeconds, millTwo: two.millSeconds });
    }
    const empty = Number(values["empty-shards"]);
    const overheadMs = { one: await queueOverhead(empty, 1), two: await queueOverhead(empty, 2) };
    const of = (key: keyof Round): number => median(rounds.map((round) => round[key]));
    const found = {
      clips,
      shards: Math.ceil(clips / samplesPerShard),
      cores: availableParallelism(),
      rounds,
      ratio: of("one") / of("two"),
      millRatio: of("millOne") / of("millTwo"),
      overheadMs,
    };
    if (values.json) {
      console.log(JSON.stringify(found, null, 2));
      return;
    }
    console.table(rounds);
    console.log(
      `${clips} clips in ${found.shards} shards on ${found.cores} cores, --workers 2 to --workers 1: ${found.ratio.toFixed(2)} x start to end, ${found.millRatio.toFixed(2)} x while shards are made (wanted: at least 1.7)`,
    );
    console.log(
      `the queue alone: ${overheadMs.one.toFixed(2)} ms a shard one at a time, ${overheadMs.two.toFixed(2)} ms two at a time`,
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
