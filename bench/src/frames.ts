import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { MediaPool } from "@shardmill/core";
import { findFfmpeg, openMediaPool } from "@shardmill/media";
import { defaultClips } from "./default-clips.ts";
import { frameQuality } from "./frame-quality.ts";
import {
  decodeToNothing,
  type Race,
  seedRecipe,
  throughPool,
  whyLeftOut,
  whyUnseeded,
} from "./frames-contenders.ts";
import { type FramesOptions, framesOptions, repeated, videosIn } from "./frames-options.ts";
import { type Cost, measure, medianCost } from "./measure.ts";

const CONTENDERS = ["seed", "process", "decoder", "floor"] as const;
type Contender = (typeof CONTENDERS)[number];

/** Frames at one per second: the seed recipe, Shardmill's two backends, and the floor, in alternating rounds. */
export async function bench(args: string[]): Promise<void> {
  const options = framesOptions(args);
  const { path: ffmpegPath, version } = await findFfmpeg();
  const found = options.dir === null ? await defaultClips(ffmpegPath) : videosIn(options.dir);
  const named = found.filter((file) => file.includes(options.match));
  const files = options.dir === null ? named : await shownByAll(named, options, ffmpegPath);
  if (files.length === 0) throw new Error("expected at least one clip");
  const race: Race = { ...options, clips: repeated(files, options.clips), ffmpegPath };
  say(
    options,
    `${race.clips.length} clips (${files.length} files), ${options.workers} workers, ffmpeg ${version}`,
  );
  const folder = await mkdtemp(join(tmpdir(), "shardmill-bench-"));
  try {
    const rounds = await runRounds(race, options, folder);
    await using pool = await openPool(race, "libav");
    const quality = await frameQuality(files, ffmpegPath, pool, "libav");
    report(race, options, rounds, quality);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Clips that are left out by a decoder, or that the seed recipe cannot show, are told and take no part. */
async function shownByAll(
  files: readonly string[],
  options: FramesOptions,
  ffmpegPath: string,
): Promise<string[]> {
  const setup = { ...options, clips: files, ffmpegPath };
  await using libav = await openPool(setup, "libav");
  await using process = await openPool(setup, "process");
  const shown: string[] = [];
  for (const file of files) {
    const why =
      (await whyLeftOut(file, libav, "libav")) ??
      (await whyLeftOut(file, process, "process")) ??
      (await whyUnseeded(file, ffmpegPath));
    if (why === null) shown.push(file);
    else say(options, `left out  ${basename(file)}: ${why}`);
  }
  return shown;
}

type OpenPool = MediaPool & AsyncDisposable;

async function openPool({ workers, ffmpegPath }: Race, decoder: "libav" | "process"): Promise<OpenPool> {
  const pool = await openMediaPool({ size: workers, decoder, ffmpegPath });
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.close() });
}

interface Rounds {
  readonly costs: Readonly<Record<Contender, Cost[]>>;
  readonly decoded: number;
  readonly inFiles: number;
}

async function runRounds(race: Race, options: FramesOptions, folder: string): Promise<Rounds> {
  const costs: Record<Contender, Cost[]> = { seed: [], process: [], decoder: [], floor: [] };
  let frames = { decoded: 0, inFiles: 0 };
  for (let round = 0; round < options.rounds; round += 1) {
    // Each round begins with another contender, so that none always follows the same neighbour.
    for (let turn = 0; turn < CONTENDERS.length; turn += 1) {
      const contender = CONTENDERS[(round + turn) % CONTENDERS.length] ?? "seed";
      const cost = await measureContender(contender, race, join(folder, `${contender}-${round}`), (seen) => {
        frames = seen;
      });
      costs[contender].push(cost);
      say(options, `round ${round + 1} ${contender.padEnd(8)} ${describe(cost)}`);
    }
  }
  return { costs, ...frames };
}

async function measureContender(
  contender: Contender,
  race: Race,
  out: string,
  onFrames: (seen: { decoded: number; inFiles: number }) => void,
): Promise<Cost> {
  const clips = race.clips.length;
  if (contender === "seed") return await measure(clips, () => seedRecipe(race, out));
  if (contender === "floor") return await measure(clips, () => decodeToNothing(race));
  const decoder = contender === "process" ? "process" : "libav";
  // A build opens its pool once, for thousands of clips: its start is not timed.
  await using pool = await openPool(race, decoder);
  return await measure(clips, async () => {
    const seen = await throughPool(race, pool, decoder, out);
    if (contender === "decoder") onFrames(seen);
  });
}

function report(
  race: Race,
  options: FramesOptions,
  { costs, decoded, inFiles }: Rounds,
  quality: { seed: number; shardmill: number },
): void {
  const medians = {
    seed: medianCost(costs.seed),
    process: medianCost(costs.process),
    decoder: medianCost(costs.decoder),
    floor: medianCost(costs.floor),
  };
  const ratioOf = (contender: Contender, field: keyof Cost): number =>
    medians[contender][field] / medians.seed[field];
  const ratio = {
    clipsPerSecond: ratioOf("decoder", "clipsPerSecond"),
    cpu: ratioOf("decoder", "cpuSecondsPerClip"),
  };
  for (const contender of CONTENDERS)
    say(options, `median  ${contender.padEnd(8)} ${describe(medians[contender])}`);
  say(
    options,
    `decoder to seed: ${ratio.clipsPerSecond.toFixed(2)} x clips/s, ${ratio.cpu.toFixed(2)} x CPU`,
  );
  const processRatio = ratioOf("process", "clipsPerSecond");
  say(
    options,
    `process to seed: ${processRatio.toFixed(2)} x clips/s, ${ratioOf("process", "cpuSecondsPerClip").toFixed(2)} x CPU`,
  );
  say(options, `decoded ${decoded} of ${inFiles} frames in the files`);
  say(options, `mean PSNR: seed ${quality.seed.toFixed(2)} dB, Shardmill ${quality.shardmill.toFixed(2)} dB`);
  if (options.json)
    process.stdout.write(
      `${JSON.stringify({ clips: race.clips.length, workers: options.workers, ...medians, ratio }, null, 2)}\n`,
    );
}

function describe({ clipsPerSecond, cpuSecondsPerClip, peakMiB }: Cost): string {
  return `${clipsPerSecond.toFixed(2)} clips/s, ${cpuSecondsPerClip.toFixed(3)} CPU s/clip, peak ${Math.round(peakMiB)} MiB`;
}

/** With --json the numbers alone are on standard output. */
function say({ json }: FramesOptions, line: string): void {
  (json ? process.stderr : process.stdout).write(`${line}\n`);
}
