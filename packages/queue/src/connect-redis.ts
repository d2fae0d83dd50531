import { Failure } from "@shardmill/core";
import { Redis } from "ioredis";

/** `redis://host:port/db` without user and password, for messages. */
export function addressWithoutPassword(url: string): string {
  const parsed = parseUrl(url);
  return `${parsed.protocol}//${parsed.host}${parsed.pathname === "/" ? "" : parsed.pathname}`;
}

/**
 * Opens a connection that heals itself for ever once it has been up: commands wait while the server is away.
 * Before that, it gives up after `withinMs`, or at once when the server answers and refuses us.
 */
export async function connectRedis(options: {
  url: string;
  withinMs: number;
  signal: AbortSignal;
  onError: (error: Error) => void;
}): Promise<Redis> {
  const address = addressWithoutPassword(options.url);
  options.signal.throwIfAborted();
  // Not lazy: BullMQ duplicates this connection with its options, and of a lazy one it takes a first try that fails as final.
  const redis = new Redis(options.url, {
    maxRetriesPerRequest: null,
    connectTimeout: options.withinMs,
    retryStrategy: (times) => Math.min(50 * times, 1_000),
  });
  redis.on("error", options.onError);
  try {
    await firstReady(redis, options.withinMs, options.signal);
    return redis;
  } catch (cause) {
    redis.disconnect();
    options.signal.throwIfAborted();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Failure("queue_unreachable", `Redis at ${address}: ${reason}`, {
      where: { url: address },
      cause,
    });
  }
}

function firstReady(redis: Redis, withinMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, giveUp) => {
    let last = "no answer";
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      redis.off("ready", ready).off("error", failed);
      signal.removeEventListener("abort", aborted);
      end();
    };
    const ready = (): void => settle(resolve);
    const failed = (error: Error): void => {
      last = error.message;
      // The server is there and does not want us: waiting changes nothing.
      if (error.name === "ReplyError") settle(() => giveUp(error));
    };
    const aborted = (): void => settle(() => giveUp(signal.reason));
    const timer = setTimeout(
      () => settle(() => giveUp(new Error(`expected an answer within ${withinMs / 1000} s, found: ${last}`))),
      withinMs,
    );
    redis.on("ready", ready).on("error", failed);
    signal.addEventListener("abort", aborted, { once: true });
  });
}

function parseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !["redis:", "rediss:"].includes(parsed.protocol) || parsed.host === "") {
    throw new Failure("wrong_use", "expected an address such as redis://host:6379 for Redis");
  }
  return parsed;
}
