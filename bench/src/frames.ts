import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { MediaPool } from "@shardmill/core";
import { findFfmpeg, openMediaPool } from "@shardmill/media";
import { defaultClips } from "./default-clips.ts";
import { frameQuality } from "./frame-quality.ts";
import {
  decodeToNothing,
  type Extracted,
  type Race,
  seedRecipe,
  throughPool,
  whyLeftOut,
  whyUnseeded,
} from "./frames-contenders.ts";
import { planLimit, runLimit } from "./frames-limit.ts";
import { type Contender, type FramesOptions, framesOptions, repeated, videosIn } from "./frames-options.ts";
import { type Cost, measure, medianCost } from "./measure.ts";

/** Frames at one per second: the seed recipe, Shardmill's two backends, the limit and the floor, in alternating rounds. */
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
    const quality = options.of.includes("seed") ? await frameQuality(files, ffmpegPath, pool, "libav") : null;
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
  readonly costs: Costs;
  readonly seen: Extracted | null;
  readonly limitDigests: readonly string[] | null;
}

type Costs = Partial<Record<Contender, Cost[]>>;

async function runRounds(race: Race, options: FramesOptions, folder: string): Promise<Rounds> {
  const costs: Costs = {};
  let seen: Extracted | null = null;
  let limitDigests: readonly string[] | null = null;
  const plans = options.of.includes("limit") ? await planLimit(race.clips) : null;
  const run = async (contender: Contender, out: string): Promise<Cost> => {
    if (contender !== "limit" || plans === null)
      return await measureContender(contender, race, out, (extracted) => {
        seen = extracted;
      });
    const limit = await runLimit(plans, options.workers);
    limitDigests = limit.digests;
    return limit.cost;
  };
  for (let round = 0; round < options.rounds; round += 1) {
    // Each round begins with another contender, so that none always follows the same neighbour.
    for (let turn = 0; turn < options.of.length; turn += 1) {
      const contender = options.of[(round + turn) % options.of.length] ?? "seed";
      const cost = await run(contender, join(folder, `${contender}-${round}`));
      costs[contender] = [...(costs[contender] ?? []), cost];
      say(options, `round ${round + 1} ${contender.padEnd(8)} ${describe(cost)}`);
    }
  }
  return { costs, seen, limitDigests };
}

async function measureContender(
  contender: Contender,
  race: Race,
  out: string,
  onFrames: (seen: Extracted) => void,
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

type Ratio = { readonly clipsPerSecond: number; readonly cpu: number };

/** What a contender makes of another one's time; null where one of them did not run. */
function ratioOf(costs: Costs, contender: Contender, to: Contender): Ratio | null {
  const [mine, theirs] = [costs[contender], costs[to]];
  if (mine === undefined || theirs === undefined) return null;
  const [a, b] = [medianCost(mine), medianCost(theirs)];
  return {
    clipsPerSecond: a.clipsPerSecond / b.clipsPerSecond,
    cpu: a.cpuSecondsPerClip / b.cpuSecondsPerClip,
  };
}

const compared = [
  { of: "decoder", to: "seed", wanted: "wanted at least 1.8 and at most 0.62" },
  { of: "process", to: "seed", wanted: "" },
  { of: "decoder", to: "limit", wanted: "wanted at most 1.10 of its CPU" },
] as const;

function report(
  race: Race,
  options: FramesOptions,
  { costs, seen, limitDigests }: Rounds,
  quality: { seed: number; shardmill: number } | null,
): void {
  const medians = options.of.map((name) => [name, medianCost(costs[name] ?? [])] as const);
  for (const [name, cost] of medians) say(options, `median  ${name.padEnd(8)} ${describe(cost)}`);
  const ratios = compared.flatMap(({ of, to, wanted }) => {
    const ratio = ratioOf(costs, of, to);
    return ratio === null ? [] : [{ name: `${of} to ${to}`, ratio, wanted }];
  });
  for (const { name, ratio, wanted } of ratios)
    say(
      options,
      `${name}: ${ratio.clipsPerSecond.toFixed(2)} x clips/s, ${ratio.cpu.toFixed(2)} x CPU${wanted === "" ? "" : ` (${wanted})`}`,
    );
  if (seen !== null) say(options, `decoded ${seen.decoded} of ${seen.inFiles} frames in the files`);
  if (seen !== null && limitDigests !== null) {
    const others = seen.digests.filter((digest, clip) => digest !== limitDigests[clip]).length;
    say(
      options,
      `frames of the limit, byte for byte those of the decoder: ${seen.digests.length - others} clips of ${seen.digests.length}`,
    );
  }
  if (quality !== null)
    say(
      options,
      `mean PSNR: seed ${quality.seed.toFixed(2)} dB, Shardmill ${quality.shardmill.toFixed(2)} dB`,
    );
  if (options.json) {
    const ratio = Object.fromEntries(ratios.map(({ name, ratio }) => [name, ratio]));
    const { workers } = options;
    process.stdout.write(
      `${JSON.stringify({ clips: race.clips.length, workers, ...Object.fromEntries(medians), ratio }, null, 2)}\n`,
    );
  }
}

function describe({ clipsPerSecond, cpuSecondsPerClip, peakMiB }: Cost): string {
  return `${clipsPerSecond.toFixed(2)} clips/s, ${cpuSecondsPerClip.toFixed(3)} CPU s/clip, peak ${Math.round(peakMiB)} MiB`;
}

/** With --json the numbers alone are on standard output. */
function say({ json }: FramesOptions, line: string): void {
  (json ? process.stderr : process.stdout).write(`${line}\n`);
}
