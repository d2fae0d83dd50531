import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type ClipResult, type MediaPool, Semaphore } from "@shardmill/core";
import { millShard, OutputSpace } from "@shardmill/pipeline";
import { type FileSystem, localFileSystem, openRecords, openStore } from "@shardmill/store";
import { noHub, planOnePart } from "./one-part.ts";
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
  const source = { repo, hubEndpoint: noHub };
  const { build, part, tasks } = await planOnePart(join(scratch, "out"), source, count, signal);
  const [task] = tasks;
  if (task === undefined) throw new Error("the part has no shard to make");
  const store = await openStore(build.surroundings.outRoot, { fs: slowDisk() });
  const slow = { ...build, store, records: openRecords(store, build.dataset.name) };
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
