import { Failure, systemClock, unlessAborted } from "@shardmill/core";
import type { Redis } from "ioredis";
import { connectRedis } from "./connect-redis.ts";
import { withoutSecrets } from "./redis-secrets.ts";
import { isRecentEnough, oldestVersion } from "./redis-version.ts";
import { type Refusal, refusalAtStart, replyCode, unfit } from "./server-refusal.ts";
import { tryCommands } from "./try-commands.ts";

export interface LookOptions {
  readonly url: string;
  /** The same without user and password. */
  readonly address: string;
  readonly prefix: string;
  readonly withinMs: number;
  readonly signal: AbortSignal;
  /** Whoever only looks at a queue may do so while the server takes no writes. */
  readonly use: "write" | "read";
  readonly onError: (error: Error) => void;
  /** With it, a server that is still loading its data is waited for as long as that takes. */
  readonly onRefusal: ((why: string | null) => void) | undefined;
}

export interface ServerLook {
  /** The eviction policy, where the server drops keys when it is full; null where it refuses writes instead, as it should. */
  readonly evicts: string | null;
}

/**
 * Whether the server can hold the queue, asked on a connection of its own before anything is begun: what a wrong server
 * says to BullMQ's scripts in mid-work is hard to tell from a fault of ours. Fails with `queue_unfit` in one line.
 */
export async function lookAtServer(options: LookOptions): Promise<ServerLook> {
  const { signal, onRefusal, address } = options;
  const deadline = performance.now() + options.withinMs;
  for (let isTold = false; ; ) {
    const look = await lookOnce(options);
    if (look !== "loading") {
      if (isTold) onRefusal?.(null);
      return look;
    }
    const loading = unfit(address, { what: "is still loading its data (LOADING)" });
    if (onRefusal === undefined && performance.now() > deadline) throw loading;
    if (!isTold) onRefusal?.(loading.message);
    isTold = true;
    await systemClock.sleep(500, signal);
  }
}

async function lookOnce(options: LookOptions): Promise<ServerLook | "loading"> {
  const { signal, withinMs, address } = options;
  const redis = await connectRedis({ ...options, checksReady: false });
  const late = AbortSignal.timeout(withinMs);
  try {
    return await unlessAborted(examine(redis, options), AbortSignal.any([signal, late]));
  } catch (error) {
    signal.throwIfAborted();
    if (error === late.reason) {
      const silence = `Redis at ${address}: expected an answer within ${withinMs / 1000} s, found none`;
      throw new Failure("queue_unreachable", silence, { where: { url: address } });
    }
    if (replyCode(error) === "LOADING") return "loading";
    const shown = withoutSecrets(error, options.url);
    throw replyCode(shown) === null ? shown : unfit(address, refusalAtStart(shown), shown);
  } finally {
    redis.disconnect();
  }
}

async function examine(redis: Redis, options: LookOptions): Promise<ServerLook | "loading"> {
  const facts = parseInfo(await redis.info());
  const misfit = misfitOf(facts);
  if (misfit !== null) throw unfit(options.address, misfit);
  if ((facts.get("loading") ?? "0") !== "0") return "loading";
  if (options.use === "write") {
    // A replica that takes writes forgets them at the next word of its primary.
    if (facts.get("role") === "slave") throw unfit(options.address, replicaOf(facts));
    await tryWriting(redis, options);
  }
  const policy = facts.get("maxmemory_policy") ?? "noeviction";
  const isBounded = (facts.get("maxmemory") ?? "0") !== "0";
  return { evicts: isBounded && policy !== "noeviction" ? policy : null };
}

function replicaOf(facts: ReadonlyMap<string, string>): Refusal {
  const primary = `${facts.get("master_host") ?? "?"}:${facts.get("master_port") ?? "?"}`;
  return { what: `is a replica of ${primary}, and the queue has to be on the primary` };
}

function misfitOf(facts: ReadonlyMap<string, string>): Refusal | null {
  const mode = facts.get("redis_mode");
  if (mode === "sentinel")
    return { what: "is a Sentinel: name the server itself that it watches (SENTINEL MASTERS lists it)" };
  if (mode === "cluster" || facts.get("cluster_enabled") === "1")
    return { what: "is a cluster, and the queue needs a single server" };
  const version = facts.get("redis_version");
  if (version !== undefined && !isRecentEnough(version))
    return { what: `is version ${version}, and the queue needs ${oldestVersion} or later` };
  return null;
}

/** A refusal in mid-work would look like a fault of ours, or like a wait. */
async function tryWriting(redis: Redis, { prefix, address }: LookOptions): Promise<void> {
  const refusal = await tryCommands(redis, prefix);
  if (refusal !== null) throw unfit(address, refusal);
  // The last one: such a connection takes no other command afterwards.
  await redis.subscribe(`${prefix}:trial`);
}

function parseInfo(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split("\r\n").flatMap((line) => {
      const at = line.indexOf(":");
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : [];
    }),
  );
}
