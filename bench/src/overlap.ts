import { mkdtemp, rm, stat } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type HeldMembers, heldMembers } from "./held-members.ts";
import { median } from "./measure.ts";
import { clipRepo } from "./overlap-clips.ts";
import { partFile } from "./overlap-repo.ts";
import { type BuildRun, build, download, startHub } from "./overlap-runs.ts";

const repoName = "nkp37/OpenVid-1M";
const memoryMB = 256;

interface Round {
  readonly download: number;
  readonly decode: BuildRun;
  readonly build: BuildRun;
}

interface Ratios {
  readonly toSlower: number;
  readonly toSerial: number;
}

/** A build from a network that is as fast as the decoder, beside download alone, decode alone and one after the other. */
export async function bench(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: "boolean", default: false },
      clips: { type: "string", default: "240" },
      rounds: { type: "string", default: "3" },
      workers: { type: "string", default: String(availableParallelism()) },
      "samples-per-shard": { type: "string", default: "12" },
      held: { type: "string", default: "10000" },
    },
  });
  const say = (line: string): void => void (values.json ? process.stderr : process.stdout).write(`${line}\n`);
  const scratch = await mkdtemp(join(tmpdir(), "shardmill-overlap-"));
  try {
    const folder = await clipRepo(join(scratch, "repo"), Number(values.clips));
    const repo = { folder, bytes: await bytesOfPart(folder) };
    const shape = {
      workers: Number(values.workers),
      samplesPerShard: Number(values["samples-per-shard"]),
      memory: `${memoryMB}MB`,
    };
    const first = await build({ from: repo.folder, ...shape, scratch: join(scratch, "first") });
    const bytesPerSecond = Math.round(repo.bytes / first.seconds);
    say(
      `${values.clips} clips, ${mb(repo.bytes)}, ${shape.workers} workers, ${availableParallelism()} cores; hub at ${mb(bytesPerSecond)}/s`,
    );
    const hub = await startHub(repo.folder, repoName, bytesPerSecond);
    const rounds: Round[] = [];
    try {
      for (let number = 0; number < Number(values.rounds); number += 1) {
        const local = join(scratch, "local");
        const downloaded = await download(hub, repo.folder, local);
        const decode = await build({ from: local, ...shape, scratch: join(scratch, "decode") });
        await rm(local, { recursive: true });
        const built = await build({ from: hub, ...shape, scratch: join(scratch, "build") });
        const round = { download: downloaded, decode, build: built };
        rounds.push(round);
        say(`round ${number + 1}  ${describe(round)}`);
      }
    } finally {
      await hub.close();
    }
    const ratios = ratiosOf(rounds);
    const held = await heldMembers(join(scratch, "held"), Number(values.held));
    report(say, rounds, ratios, held);
    if (values.json) process.stdout.write(`${JSON.stringify({ ...shape, rounds, ratios, held }, null, 2)}\n`);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function bytesOfPart(folder: string): Promise<number> {
  return (await stat(join(folder, partFile))).size;
}

function ratiosOf(rounds: readonly Round[]): Ratios {
  const of = (seconds: (round: Round) => number): number => median(rounds.map(seconds));
  const downloaded = of((round) => round.download);
  const decoded = of((round) => round.decode.seconds);
  const built = of((round) => round.build.seconds);
  return {
    toSlower: built / Math.max(downloaded, decoded),
    toSerial: built / of((round) => round.download + round.decode.seconds),
  };
}

function report(
  say: (line: string) => void,
  rounds: readonly Round[],
  ratios: Ratios,
  held: HeldMembers,
): void {
  const scratchBytes = Math.max(...rounds.map((round) => round.build.scratchBytes));
  const workerMiB = Math.max(...rounds.map((round) => round.build.workerMiB));
  say(`build to the slower of both alone: ${ratios.toSlower.toFixed(2)} (at most 1.15)`);
  say(`build to download, then process:   ${ratios.toSerial.toFixed(2)} (at most 0.60)`);
  say(`scratch disk used by the build:    ${scratchBytes} bytes`);
  say(`worker's peak memory:              ${Math.round(workerMiB)} MiB with --memory ${memoryMB}MB`);
  say(
    `${held.members} members, ${mb(held.bytes)}, behind a slow decoder and a slow disk: at most ${mb(held.peakHeldBytes)} held of a budget of ${mb(held.budgetBytes)}, process grew by ${Math.round(held.grownMiB)} MiB`,
  );
}

function describe({ download: seconds, decode, build: built }: Round): string {
  return `download ${seconds.toFixed(1)} s, decode ${decode.seconds.toFixed(1)} s, build ${built.seconds.toFixed(1)} s, worker's peak ${Math.round(built.workerMiB)} MiB`;
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
