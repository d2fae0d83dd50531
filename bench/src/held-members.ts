import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { loadCatalogue } from "@shardmill/catalogue";
import { type ClipResult, localRateGate, type MediaPool, Semaphore, systemClock } from "@shardmill/core";
import { readToolchain } from "@shardmill/media";
import { millShard, OutputSpace, openBuild, planBuild, preparePart } from "@shardmill/pipeline";
import { type FileSystem, localFileSystem, openRecords, openStore } from "@shardmill/store";
import { writeRepo } from "./overlap-repo.ts";

export interface HeldMembers {
  readonly members: number;
  readonly bytes: number;
  readonly budgetBytes: number;
  /** Most member bytes waiting or being decoded at once. */
  readonly peakHeldBytes: number;
  /** Resident memory of this process at its peak, beyond what it had before. */
  readonly grownMiB: number;
}

const memberBytes = 24_000;
const budgetBytes = 8 * memberBytes;

/** One shard of very many members whose source is far quicker than the decoder and the disk behind it. */
export async function heldMembers(scratch: string, count: number): Promise<HeldMembers> {
  const content = randomBytes(memberBytes);
  const members = Array.from({ length: count }, (_, index) => ({ name: `clip_${index}.mp4`, content }));
  const repo = await writeRepo(join(scratch, "repo"), members);
  const signal = new AbortController().signal;
  const surroundings = {
    outRoot: join(scratch, "out"),
    hubEndpoint: "http://127.0.0.1:9",
    hubToken: null,
    gate: localRateGate(systemClock),
    clock: systemClock,
    worker: "bench",
  };
  const folder = fileURLToPath(new URL("../../config/datasets", import.meta.url));
  const dataset = (await loadCatalogue(folder)).get("openvid-1m");
  const request = {
    dataset,
    sourceFolder: repo,
    parts: null,
    settings: [`samplesPerShard=${count}`],
    rebuild: false,
    toolchain: readToolchain,
  };
  await planBuild(request, surroundings, signal);
  const build = await openBuild(dataset.name, surroundings, signal);
  const part = { subset: null, part: 0 };
  const [task] = await preparePart(build, part, { order: { kind: "missing" }, run: 1 }, signal);
  if (task === undefined) throw new Error("the part has no shard to make");
  const store = await openStore(surroundings.outRoot, { fs: slowDisk() });
  const slow = { ...build, store, records: openRecords(store, dataset.name) };
  const budget = new Semaphore(budgetBytes);
  const before = process.memoryUsage().rss;
  const peak = { held: 0, rss: before };
  const look = (): void => {
    peak.held = Math.max(peak.held, budget.used);
    peak.rss = Math.max(peak.rss, process.memoryUsage().rss);
  };
  const tools = {
    pool: slowPool(look),
    texts: null,
    budget,
    space: new OutputSpace({ minFreeBytes: 0, maxOutputBytes: null }),
    toolchain: build.build.toolchain,
    onProgress: () => undefined,
  };
  await millShard(slow, { part, task }, tools, signal);
  return {
    members: count,
    bytes: count * memberBytes,
    budgetBytes,
    peakHeldBytes: peak.held,
    grownMiB: (peak.rss - before) / 1_048_576,
  };
}

/** Two at a time, two milliseconds each. */
function slowPool(look: () => void): MediaPool {
  const places = new Semaphore(2);
  return {
    size: 2,
    async frames(_clip, _settings, signal): Promise<ClipResult> {
      look();
      const leave = await places.acquire(1, signal);
      await pause(2);
      look();
      leave();
      return {
        kind: "frames",
        frames: [Buffer.from([0xff, 0xd8, 0xff, 0xd9])],
        timesS: [0],
        info: { durationS: 1, width: 224, height: 224, fps: 25, codec: "none" },
        wanted: 1,
        decoded: 1,
        complete: true,
        decodeErrors: 0,
        remarks: [],
        seconds: 0.002,
        attempts: 1,
      };
    },
    spans: () => Promise.reject(new Error("this bench has no stretches")),
    image: () => Promise.reject(new Error("this bench has no images")),
    close: () => Promise.resolve(),
  };
}

/** Every write to it takes a millisecond. */
function slowDisk(): FileSystem {
  return {
    ...localFileSystem,
    async open(path, how, mode) {
      const file = await localFileSystem.open(path, how, mode);
      return {
        read: (buffer, position) => file.read(buffer, position),
        sync: () => file.sync(),
        close: () => file.close(),
        async write(chunk) {
          await pause(1);
          await file.write(chunk);
        },
      };
    },
  };
}
