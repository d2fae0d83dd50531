import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { median } from "./measure.ts";
import { clipRepo } from "./overlap-clips.ts";
import { treeCpuSeconds } from "./process-tree.ts";

const stages = ["loaded", "worker", "planned", "milling", "sample", "end", "cpu"] as const;
/** Seconds since the command was started, and last the CPU seconds of the whole build. */
type Stages = Readonly<Record<(typeof stages)[number], number>>;

const told: Readonly<Record<(typeof stages)[number], string>> = {
  loaded: "command and catalogue loaded",
  worker: "queue and worker up",
  planned: "part planned",
  milling: "media children up, first shard begun",
  sample: "first sample committed",
  end: "build ended",
  cpu: "CPU seconds of all processes",
};

/**
 * `npm run bench -- start [--clips 6] [--rounds 5] [--workers 2] [--beside FOLDER] [--json]`: how long after its start a
 * build has its first sample, with a shard for each clip, and where that time goes. `--beside` names another checkout,
 * built, whose command is measured in turn.
 */
export async function bench(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: "boolean", default: false },
      clips: { type: "string", default: "6" },
      rounds: { type: "string", default: "5" },
      workers: { type: "string", default: "2" },
      beside: { type: "string" },
    },
  });
  const here = resolve(import.meta.dirname, "../..");
  const checkouts = [here, ...(values.beside === undefined ? [] : [resolve(values.beside)])];
  const scratch = await mkdtemp(join(tmpdir(), "shardmill-bench-start-"));
  try {
    const source = await clipRepo(join(scratch, "source"), Number(values.clips));
    const runs = new Map<string, Stages[]>(checkouts.map((checkout) => [checkout, []]));
    for (let round = 0; round < Number(values.rounds); round += 1)
      for (const checkout of round % 2 === 0 ? checkouts : checkouts.toReversed())
        runs.get(checkout)?.push(await startOf(checkout, source, values.workers, join(scratch, "out")));
    const medians = [...runs].map(([checkout, of]) => ({ checkout, ...mediansOf(of) }));
    if (values.json) console.log(JSON.stringify(medians, null, 2));
    else tell(medians);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function mediansOf(runs: readonly Stages[]): Stages {
  const of = (stage: keyof Stages): number => median(runs.map((run) => run[stage]));
  return Object.fromEntries(stages.map((stage) => [stage, of(stage)])) as Stages;
}

function tell(medians: readonly (Stages & { readonly checkout: string })[]): void {
  const columns = medians.map((_, at) => (at === 0 ? "here" : "beside"));
  console.table(
    Object.fromEntries(
      stages.map((stage) => [
        told[stage],
        Object.fromEntries(medians.map((run, at) => [columns[at], Number(run[stage].toFixed(2))])),
      ]),
    ),
  );
  const [mine, other] = medians;
  if (mine === undefined) return;
  console.log(
    `first sample after ${mine.sample.toFixed(2)} s (wanted on 2 cores that nobody else uses: 2.0)`,
  );
  if (other === undefined) return;
  const [wall, cpu] = [mine.sample / other.sample, mine.cpu / other.cpu];
  console.log(`to the other: ${wall.toFixed(2)} x the time to the first sample, ${cpu.toFixed(2)} x the CPU`);
}

async function startOf(checkout: string, source: string, workers: string, out: string): Promise<Stages> {
  const main = join(checkout, "apps/cli/bin/shardmill.js");
  const asked = ["openvid-1m", "--parts", "0", "--source", source, "--workers", workers];
  const { PATH, HOME } = process.env;
  const cpuBefore = treeCpuSeconds();
  const began = Date.now();
  const child = spawn(
    process.execPath,
    [main, "build", ...asked, "--set", "samplesPerShard=1", "--out", out],
    {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH, HOME },
    },
  );
  let said = "";
  let loadedAt = 0;
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      said = `${said}${chunk.toString()}`.slice(-2000);
      if (loadedAt === 0) loadedAt = Date.now();
    });
  const code = await new Promise((resolve) => child.once("close", resolve));
  const endedAt = Date.now();
  if (code !== 0) throw new Error(`the build ended with ${code}: ${said}`);
  const records = join(out, "openvid-1m/.shardmill");
  const times = { loaded: loadedAt, ...(await logged(records)), ...(await committed(records)), end: endedAt };
  await rm(out, { recursive: true });
  const since = (at: number): number => (at - began) / 1000;
  const { loaded, worker, planned, milling, sample, end } = times;
  return {
    ...{ loaded: since(loaded), worker: since(worker), planned: since(planned), milling: since(milling) },
    ...{ sample: since(sample), end: since(end), cpu: treeCpuSeconds() - cpuBefore },
  };
}

const lineSchema = z.object({ time: z.number(), msg: z.string() });

/** When the worker's log first says so. */
async function logged(records: string): Promise<{ worker: number; planned: number }> {
  const text = await readFile(join(records, "logs/worker.log"), "utf8");
  const lines = text.trim().split("\n");
  const parsed = lines.map((line) => lineSchema.parse(JSON.parse(line)));
  const first = (msg: string): number => parsed.find((line) => line.msg === msg)?.time ?? Number.NaN;
  return { worker: first("worker started"), planned: first("part planned") };
}

const madeSchema = z.object({ made: z.object({ committedAt: z.string(), seconds: z.number() }) });

async function committed(records: string): Promise<{ milling: number; sample: number }> {
  const folder = join(records, "manifests");
  const texts = await Promise.all(
    (await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")),
  );
  const made = texts.map((text) => madeSchema.parse(JSON.parse(text)).made);
  const ends = made.map(({ committedAt }) => Date.parse(committedAt));
  return {
    milling: Math.min(...made.map(({ seconds }, at) => (ends[at] ?? 0) - seconds * 1000)),
    sample: Math.min(...ends),
  };
}
