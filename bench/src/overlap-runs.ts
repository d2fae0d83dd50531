import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { partFile } from "./overlap-repo.ts";
import { type Peaks, watchPeaks } from "./peak-watch.ts";

export interface Hub {
  readonly endpoint: string;
  readonly plainBase: string;
  close(): Promise<void>;
}

/** The stand-in as a process of its own: it shares no event loop with what is measured. */
export async function startHub(folder: string, repo: string, bytesPerSecond: number): Promise<Hub> {
  const main = fileURLToPath(new URL("./hub-stand-in/serve.js", import.meta.url));
  const child = spawn(process.execPath, [main, folder, repo, String(bytesPerSecond)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const { endpoint, plainBase } = parseAddresses(await firstLine(child));
  return {
    endpoint,
    plainBase,
    async close() {
      child.stdin?.end();
      await exited;
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout !== null) for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error("the stand-in did not start");
}

function parseAddresses(line: string): { endpoint: string; plainBase: string } {
  const found: unknown = JSON.parse(line);
  if (typeof found === "object" && found !== null && "endpoint" in found && "plainBase" in found)
    return { endpoint: String(found.endpoint), plainBase: String(found.plainBase) };
  throw new Error(`expected the stand-in's addresses, found ${line}`);
}

/** What one would do without Shardmill: fetch the part to disk. Seconds. */
export async function download({ plainBase }: Hub, repo: string, to: string): Promise<number> {
  const csv = "data/train/OpenVid-1M.csv";
  await mkdir(dirname(join(to, csv)), { recursive: true });
  await copyFile(join(repo, csv), join(to, csv));
  const began = performance.now();
  const answer = await fetch(new URL(partFile, plainBase));
  if (!answer.ok || answer.body === null) throw new Error(`the stand-in answered ${answer.status}`);
  await pipeline(Readable.fromWeb(answer.body), createWriteStream(join(to, partFile)));
  return (performance.now() - began) / 1000;
}

export interface BuildRun extends Peaks {
  /** Start to end of the command. */
  readonly seconds: number;
  /** From the first shard's beginning to the last one's commit. */
  readonly millSeconds: number;
}

/** The real command line, start to end, from a hub or from a folder. */
export async function build(options: {
  readonly from: Hub | string;
  readonly workers: number;
  readonly samplesPerShard: number;
  readonly memory: string;
  readonly scratch: string;
}): Promise<BuildRun> {
  const { from, workers, samplesPerShard, memory, scratch } = options;
  const out = join(scratch, "out");
  const tmp = join(scratch, "tmp");
  await mkdir(tmp, { recursive: true });
  const main = fileURLToPath(new URL("../../apps/cli/bin/shardmill.js", import.meta.url));
  const args = ["build", "openvid-1m", "--parts", "0", "--out", out, "--workers", String(workers)];
  const settings = ["--memory", memory, "--set", `samplesPerShard=${samplesPerShard}`];
  const source = typeof from === "string" ? ["--source", from] : [];
  const { PATH, HOME } = process.env;
  const environment = {
    PATH,
    HOME,
    TMPDIR: tmp,
    ...(typeof from === "string" ? {} : { HF_ENDPOINT: from.endpoint }),
  };
  const peaks = watchPeaks(tmp);
  const began = performance.now();
  await runToEnd(spawn(process.execPath, [main, ...args, ...settings, ...source], { env: environment }));
  const seconds = (performance.now() - began) / 1000;
  const seen = peaks.stop();
  const millSeconds = await readMillSeconds(join(out, "openvid-1m/.shardmill/manifests"));
  await rm(scratch, { recursive: true });
  return { seconds, millSeconds, ...seen };
}

const madeSchema = z.object({ made: z.object({ committedAt: z.string(), seconds: z.number() }) });

async function readMillSeconds(manifests: string): Promise<number> {
  const names = (await readdir(manifests)).filter((name) => name.endsWith(".json"));
  const texts = await Promise.all(names.map((name) => readFile(join(manifests, name), "utf8")));
  const made = texts.map((text) => madeSchema.parse(JSON.parse(text)).made);
  const ends = made.map(({ committedAt }) => Date.parse(committedAt) / 1_000);
  const begins = made.map(({ seconds }, at) => (ends[at] ?? 0) - seconds);
  return Math.max(...ends) - Math.min(...begins);
}

async function runToEnd(child: ChildProcess): Promise<void> {
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => {
      said = `${said}${chunk.toString()}`.slice(-2000);
    });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`the build ended with ${code}: ${said}`);
}
