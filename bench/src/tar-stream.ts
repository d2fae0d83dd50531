import { spawn } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { createGzip } from "node:zlib";
import { streamTarMembers } from "@shardmill/archives";
import { FileSource } from "./file-source.ts";
import { median } from "./measure.ts";
import { tarHeader } from "./tar-file.ts";

const memberBytes = 8 * 1024 * 1024;

/** A tar.gz from its first byte to its last, nothing decoded, beside `gunzip`: speed, and the memory it takes. */
export async function bench(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: "boolean", default: false },
      gigabytes: { type: "string", default: "5" },
      rounds: { type: "string", default: "3" },
    },
  });
  const say = (line: string): void => void (values.json ? process.stderr : process.stdout).write(`${line}\n`);
  const folder = await mkdtemp(join(tmpdir(), "shardmill-bench-"));
  try {
    const file = join(folder, "part.tar.gz");
    const members = Math.round((Number(values.gigabytes) * 1e9) / memberBytes);
    await pipeline(Readable.from(tarOf(members)), createGzip({ level: 1 }), createWriteStream(file));
    const gunzip: number[] = [];
    const shardmill: number[] = [];
    let peakMiB = 0;
    for (let round = 0; round < Number(values.rounds); round += 1) {
      gunzip.push(await seconds(() => runGunzip(file)));
      const before = process.memoryUsage().rss;
      const watch = watchOwnMemory();
      shardmill.push(await seconds(() => streamAll(file, members)));
      peakMiB = Math.max(peakMiB, (watch.stop() - before) / 2 ** 20);
      say(
        `round ${round + 1}: gunzip ${gunzip.at(-1)?.toFixed(2)} s, Shardmill ${shardmill.at(-1)?.toFixed(2)} s`,
      );
    }
    const ratio = median(gunzip) / median(shardmill);
    say(
      `${values.gigabytes} GB unpacked: ${(ratio * 100).toFixed(0)} % of gunzip's speed (at least 90), ${Math.round(peakMiB)} MiB more memory`,
    );
    if (values.json)
      process.stdout.write(
        `${JSON.stringify({ gigabytes: Number(values.gigabytes), gunzipS: median(gunzip), shardmillS: median(shardmill), ratio, peakMiB }, null, 2)}\n`,
      );
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** An eighth of each member is noise, as dense as a video; the rest is empty. */
function* tarOf(members: number): Generator<Buffer> {
  const noise = randomFillSync(Buffer.alloc(memberBytes / 8));
  const empty = Buffer.alloc(memberBytes - noise.length);
  for (let number = 0; number < members; number += 1) {
    yield tarHeader(`videos/${String(number).padStart(6, "0")}.mp4`, memberBytes);
    noise.writeUInt32LE(number, 0);
    yield noise;
    yield empty;
  }
  yield Buffer.alloc(1024);
}

async function streamAll(path: string, members: number): Promise<void> {
  await using source = await FileSource.open(path);
  let seen = 0;
  const want = (): boolean => {
    seen += 1;
    return false;
  };
  const options = { maxBytes: 2 ** 31, want };
  for await (const member of streamTarMembers(source, options, new AbortController().signal))
    throw new Error(`${member.name} was not asked for`);
  if (seen !== members) throw new Error(`${seen} of ${members} members came`);
}

function runGunzip(path: string): Promise<void> {
  const child = spawn("gunzip", ["-c", path], { stdio: ["ignore", "ignore", "inherit"] });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => (code === 0 ? resolve() : reject(new Error(`gunzip ended with ${code}`))));
  });
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

function watchOwnMemory(): { stop: () => number } {
  let peak = 0;
  const look = (): void => {
    peak = Math.max(peak, process.memoryUsage().rss);
  };
  const timer = setInterval(look, 20);
  return {
    stop: () => {
      clearInterval(timer);
      look();
      return peak;
    },
  };
}
