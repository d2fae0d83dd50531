import { existsSync } from "node:fs";
import { link, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import autocannon, { type Result } from "autocannon";
import { median } from "./measure.ts";
import { clipRepo } from "./overlap-clips.ts";
import { type Service, startApiAlone, startService } from "./service.ts";

const base = "/api/builds/openvid-1m";
/** What an open page asks for, the heavier ones as often as the light ones. */
const readRoutes = [
  "/api/builds",
  base,
  `${base}/parts?pageSize=1000`,
  `${base}/parts/p0000`,
  `${base}/failures`,
  `${base}/shards`,
  `${base}/shards/openvid-1m-p0000-0000/samples`,
  "/api/workers",
  "/api/datasets",
  "/metrics",
].map((path) => ({ path }));

interface Loaded {
  readonly clipsPerSecond: number;
  readonly load: Result | null;
}

/**
 * `npm run bench -- api [--clips 24] [--rounds 3] [--rate 20] [--seconds 10] [--json]`: `shardmill serve` builds one part
 * after another, every second one while somebody reads at a fixed rate; then the API alone, as fast as it goes.
 */
export async function bench(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: "boolean", default: false },
      clips: { type: "string", default: "24" },
      rounds: { type: "string", default: "3" },
      rate: { type: "string", default: "20" },
      seconds: { type: "string", default: "10" },
    },
  });
  const [clips, rounds, rate] = [Number(values.clips), Number(values.rounds), Number(values.rate)];
  const scratch = await mkdtemp(join(tmpdir(), "shardmill-bench-api-"));
  try {
    const source = await clipRepo(join(scratch, "source"), clips);
    for (let part = 1; part <= 2 * rounds; part += 1)
      await link(join(source, "OpenVid_part0.zip"), join(source, `OpenVid_part${part}.zip`));
    const out = join(scratch, "out");
    const service = await startService({ out, source, workers: 2 });
    const quiet: Loaded[] = [];
    const read: Loaded[] = [];
    try {
      // The first part warms everything up and is what the pages show.
      await buildPart(service, out, 0, clips, null);
      for (let round = 0; round < rounds; round += 1) {
        quiet.push(await buildPart(service, out, 2 * round + 1, clips, null));
        read.push(await buildPart(service, out, 2 * round + 2, clips, rate));
      }
    } finally {
      await service.close();
    }
    const alone = await measureAlone(out, Number(values.seconds));
    report({ clips, rate, quiet, read, alone }, values.json);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Seconds count from the request to the part's record; the folder is watched, so that nobody asks the service. */
async function buildPart(
  { url }: Service,
  out: string,
  part: number,
  clips: number,
  rate: number | null,
): Promise<Loaded> {
  const load =
    rate === null
      ? null
      : autocannon({ url, connections: 4, overallRate: rate, duration: 3_600, requests: readRoutes });
  const began = performance.now();
  const answer = await fetch(`${url}/api/builds`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ dataset: "openvid-1m", parts: String(part), settings: ["samplesPerShard=4"] }),
  });
  if (!answer.ok) throw new Error(`the service answered ${answer.status}: ${await answer.text()}`);
  const end = join(out, `openvid-1m/.shardmill/parts/p000${part}.json`);
  while (!existsSync(end)) {
    if (performance.now() - began > 240_000) throw new Error(`part ${part} did not end within 240 s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const clipsPerSecond = (1_000 * clips) / (performance.now() - began);
  load?.stop();
  return { clipsPerSecond, load: load === null ? null : await load };
}

async function measureAlone(out: string, duration: number): Promise<Result> {
  const service = await startApiAlone(out);
  try {
    return await autocannon({ url: service.url, connections: 10, duration, requests: readRoutes });
  } finally {
    await service.close();
  }
}

interface Found {
  readonly clips: number;
  readonly rate: number;
  readonly quiet: readonly Loaded[];
  readonly read: readonly Loaded[];
  readonly alone: Result;
}

function report({ clips, rate, quiet, read, alone }: Found, json: boolean): void {
  const of = (rounds: readonly Loaded[]): number => median(rounds.map((round) => round.clipsPerSecond));
  const loads = read.flatMap(({ load }) => (load === null ? [] : [load]));
  const table = {
    clips,
    clipsPerSecond: { quiet: of(quiet), read: of(read), ratio: of(read) / of(quiet) },
    rounds: { quiet: quiet.map((one) => one.clipsPerSecond), read: read.map((one) => one.clipsPerSecond) },
    load: {
      rate,
      answers: loads.reduce((sum, { requests }) => sum + requests.total, 0),
      errors: loads.reduce((sum, { errors, timeouts, non2xx }) => sum + errors + timeouts + non2xx, 0),
      p50Ms: median(loads.map(({ latency }) => latency.p50)),
      p99Ms: Math.max(...loads.map(({ latency }) => latency.p99)),
    },
    alone: {
      requestsPerSecond: alone.requests.average,
      errors: alone.errors + alone.timeouts + alone.non2xx,
      p50Ms: alone.latency.p50,
      p99Ms: alone.latency.p99,
    },
  };
  if (json) {
    console.log(JSON.stringify(table, null, 2));
    return;
  }
  const { quiet: without, read: withReads, ratio } = table.clipsPerSecond;
  console.table(table.rounds);
  console.log(
    `a build of ${clips} clips: ${without.toFixed(2)} clips/s alone, ${withReads.toFixed(2)} at ${rate} requests/s: ${ratio.toFixed(2)} x (wanted: at least 0.90)`,
  );
  const { answers, errors, p50Ms, p99Ms } = table.load;
  console.log(`meanwhile ${answers} answers, ${errors} errors, p50 ${p50Ms} ms, p99 ${p99Ms} ms`);
  console.log(
    `the API alone: ${table.alone.requestsPerSecond.toFixed(0)} requests/s over 10 connections, ${table.alone.errors} errors, p50 ${table.alone.p50Ms} ms, p99 ${table.alone.p99Ms} ms`,
  );
}
