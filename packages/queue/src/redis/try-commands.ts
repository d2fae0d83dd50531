import { createHash, randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { trialKey } from "./redis-keys.ts";
import { type Refusal, refusalOfCode, replyCode } from "./server-refusal.ts";

/**
 * Runs every command that the queue's scripts are made of (BullMQ 6.7's and ours) once, on keys of its own that it removes
 * (but one, that goes by itself), and returns name and code of the first one that is refused. What a script may not run, servers of different versions
 * tell with different codes, so that it is tried and not read.
 */
const trialScript = `
local refused = nil
local function try(name, ...)
  local reply = redis.pcall(name, ...)
  if refused == nil and type(reply) == "table" and reply.err then
    refused = {name, string.match(reply.err, "^%-?(%u+)") or "ERR"}
  end
end
local word, hash, list, zset, set, stream = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
try("TIME")
try("SET", word, "1")
try("GET", word)
try("INCR", word)
try("EXISTS", word)
try("PEXPIREAT", word, "9999999999999")
try("PEXPIRE", word, "60000")
try("PTTL", word)
try("PERSIST", word)
try("RENAME", word, word)
try("HSET", hash, "a", "1")
try("HMSET", hash, "b", "1")
try("HGET", hash, "a")
try("HMGET", hash, "a", "b")
try("HGETALL", hash)
try("HEXISTS", hash, "a")
try("HLEN", hash)
try("HINCRBY", hash, "a", "1")
try("HDEL", hash, "a")
try("RPUSH", list, "a", "b", "c")
try("LPUSH", list, "d", "e", "f")
try("LLEN", list)
try("LINDEX", list, "0")
try("LSET", list, "0", "g")
try("LPOS", list, "a")
try("LRANGE", list, "0", "1")
try("LTRIM", list, "0", "9")
try("LREM", list, "0", "a")
try("RPOPLPUSH", list, list)
try("RPOP", list)
try("LPOP", list)
try("ZADD", zset, "1", "a", "2", "b", "3", "c")
try("ZCARD", zset)
try("ZSCORE", zset, "a")
try("ZCOUNT", zset, "0", "1")
try("ZRANGE", zset, "0", "1")
try("ZRANGEBYLEX", zset, "-", "+")
try("ZRANGEBYSCORE", zset, "0", "1")
try("ZREVRANGE", zset, "0", "1")
try("ZREVRANGEBYSCORE", zset, "1", "0")
try("ZREM", zset, "a")
try("ZPOPMIN", zset)
try("ZREMRANGEBYRANK", zset, "5", "6")
try("ZREMRANGEBYSCORE", zset, "5", "6")
try("SADD", set, "a")
try("SCARD", set)
try("SISMEMBER", set, "a")
try("SMEMBERS", set)
try("SREM", set, "a")
try("XADD", stream, "*", "a", "1")
try("XTRIM", stream, "MAXLEN", "0")
try("ZADD", KEYS[7], "0", "0")
try("PEXPIRE", KEYS[7], "1000")
try("UNLINK", word, hash, list, zset, set)
try("DEL", stream)
return refused`;
const trialScriptId = createHash("sha1").update(trialScript).digest("hex");

/**
 * Whether the server lets its user do what the queue lives on, tried command by command: null where it does. A refusal of
 * a plain command is thrown as the client's error, one inside a script is returned.
 */
export async function tryCommands(redis: Redis, prefix: string): Promise<Refusal | null> {
  // Of this trial alone: another one may be under way.
  const key = `${trialKey(prefix)}:${randomUUID()}`;
  await redis.set(key, "1", "PX", 1_000);
  await redis.mget(key, key);
  const refused = await runScript(
    redis,
    ["word", "hash", "list", "zset", "set", "stream", "marker"].map((kind) => `${key}:${kind}`),
  );
  if (Array.isArray(refused)) {
    const [name, code] = refused.map(String);
    return refusalOfCode(code ?? "ERR", name ?? "") ?? refusedInScript(name ?? "");
  }
  // With something in it, the command that waits for work returns at once.
  await redis.bzpopmin(`${key}:marker`, 1);
  await tryTransaction(redis, key);
  await redis.publish(`${prefix}:trial`, "");
  return null;
}

async function tryTransaction(redis: Redis, key: string): Promise<void> {
  try {
    const replies = await redis.multi().set(key, "1", "PX", 1_000).del(key).exec();
    for (const [error] of replies ?? []) if (error !== null) throw error;
  } catch (error) {
    // The end of a transaction tells only that it failed, and the client keeps why beside it.
    const earlier = error instanceof Error && "previousErrors" in error ? error.previousErrors : null;
    throw Array.isArray(earlier) && earlier.length > 0 ? earlier[0] : error;
  }
}

async function runScript(redis: Redis, keys: readonly string[]): Promise<unknown> {
  try {
    return await redis.evalsha(trialScriptId, keys.length, ...keys);
  } catch (error) {
    if (replyCode(error) !== "NOSCRIPT") throw error;
    return redis.eval(trialScript, keys.length, ...keys);
  }
}

function refusedInScript(command: string): Refusal {
  return {
    what: `refuses ${command} inside scripts: allow its user +@all ~shardmill* &shardmill*, and rename no command`,
    lasts: true,
  };
}
