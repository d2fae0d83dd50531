import { randomBytes } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { PerformanceObserver } from "node:perf_hooks";
import { type MediaPool, Semaphore, type Source } from "@shardmill/core";
import { type MemberBuffers, millShard, OutputSpace } from "@shardmill/pipeline";
import { inParallel } from "./in-parallel.ts";
import { planOnePart } from "./one-part.ts";
import { partFile, writeRepo } from "./overlap-repo.ts";
import { type Hub, startHub } from "./overlap-runs.ts";
import { threadCpuMs } from "./thread-cpu.ts";

/** Where member bytes come from. */
export type From = "memory" | "folder" | "hub";

export interface Fed {
  readonly megabytes: number;
  readonly mbPerSecond: number;
  /** CPU of the main thread, and of all threads of this process. */
  readonly mainMsPerMb: number;
  readonly allMsPerMb: number;
  /** Of the time in which the main thread was at work, what went into collecting garbage. */
  readonly gcShare: number;
  readonly grownMiB: number;
}

export interface Clips {
  readonly count: number;
  readonly bytes: number;
}

/** A folder with one part of clips that no decoder would know. */
export async function writeClips(folder: string, { count, bytes }: Clips): Promise<string> {
  const members = Array.from({ length: count }, (_, at) => ({
    name: `clip_${at}.mp4`,
    content: randomBytes(bytes),
  }));
  return writeRepo(folder, members);
}

/** Mills the part as a worker does, so many shards at once, and tells what that cost this process. */
export async function feed(
  scratch: string,
  { repo, from, clips, shards, memoryBytes, buffers }: FeedOptions,
  pool: MediaPool,
): Promise<Fed> {
  const signal = new AbortController().signal;
  const hub = from === "hub" ? await startHub(repo, "nkp37/OpenVid-1M", Number.MAX_SAFE_INTEGER) : null;
  try {
    const place = placeOf(repo, hub);
    const perShard = Math.ceil(clips.count / shards);
    const { build, part, tasks } = await planOnePart(join(scratch, "out"), place, perShard, signal);
    const source = from === "memory" ? inMemory(build.source, await readFile(join(repo, partFile))) : null;
    const context = source === null ? build : { ...build, source };
    const tools = {
      ...{ pool, texts: null, ...(buffers !== null && { buffers }) },
      budget: new Semaphore(memoryBytes - (buffers?.keptBytes ?? 0)),
      space: new OutputSpace({ minFreeBytes: 0, maxOutputBytes: null }),
      toolchain: build.build.toolchain,
      onProgress: () => undefined,
    };
    return await measured((clips.count * clips.bytes) / 1e6, () =>
      inParallel(tasks, shards, async (task) => {
        await millShard(context, { part, task }, tools, signal);
      }),
    );
  } finally {
    await hub?.close();
    await rm(join(scratch, "out"), { recursive: true, force: true });
  }
}

export interface FeedOptions {
  readonly repo: string;
  readonly from: From;
  readonly clips: Clips;
  /** At once; the part has as many. */
  readonly shards: number;
  readonly memoryBytes: number;
  /** Used again from run to run as in a worker; null: memory of its own for every clip. */
  readonly buffers: MemberBuffers | null;
}

function placeOf(repo: string, hub: Hub | null): { repo: string | null; hubEndpoint: string } {
  return hub === null
    ? { repo, hubEndpoint: "http://127.0.0.1:9" }
    : { repo: null, hubEndpoint: hub.endpoint };
}

/** The part's bytes from memory, in pieces as large as a connection gives them. */
function inMemory(source: Source, bytes: Buffer): Source {
  const pieceBytes = 64 * 1024;
  return {
    ...source,
    open: ({ path, sizeBytes }) => ({
      name: path,
      sizeBytes,
      async *read({ start, end }, signal) {
        for (let at = start; at < end; at += pieceBytes) {
          signal.throwIfAborted();
          yield bytes.subarray(at, Math.min(at + pieceBytes, end));
        }
      },
    }),
  };
}

async function measured(megabytes: number, work: () => Promise<void>): Promise<Fed> {
  const gc = { ms: 0 };
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) gc.ms += duration;
  });
  observer.observe({ entryTypes: ["gc"] });
  const rss = { before: process.memoryUsage.rss(), peak: 0 };
  const timer = setInterval(() => {
    rss.peak = Math.max(rss.peak, process.memoryUsage.rss());
  }, 50);
  const [began, active, main, all] = [
    performance.now(),
    performance.eventLoopUtilization(),
    threadCpuMs(),
    process.cpuUsage(),
  ];
  await work();
  const mainMs = threadCpuMs() - main;
  const { user, system } = process.cpuUsage(all);
  const seconds = (performance.now() - began) / 1000;
  const atWork = performance.eventLoopUtilization(active).active;
  clearInterval(timer);
  await new Promise((resolve) => setTimeout(resolve, 10));
  observer.disconnect();
  return {
    megabytes,
    mbPerSecond: megabytes / seconds,
    mainMsPerMb: mainMs / megabytes,
    allMsPerMb: (user + system) / 1000 / megabytes,
    gcShare: gc.ms / atWork,
    grownMiB: (rss.peak - rss.before) / 1_048_576,
  };
}
