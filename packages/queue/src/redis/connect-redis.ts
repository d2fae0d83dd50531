import { Failure } from "@shardmill/core";
import { Redis } from "ioredis";
import { hideSecrets, shownError, withoutSecrets } from "./redis-secrets.ts";
import { type Refusal, refusalAtStart, replyCode, unfit } from "./server-refusal.ts";
import { strangerAt, tlsRefusal } from "./stranger.ts";

/** `redis://host:port/db` without user and password, for messages. */
export function addressWithoutPassword(url: string): string {
  const parsed = parseUrl(url);
  return `${parsed.protocol}//${parsed.host}${parsed.pathname === "/" ? "" : parsed.pathname}`;
}

interface RedisAddress {
  readonly url: string;
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

/**
 * Opens a connection that heals itself for ever once it has been up: commands wait while the server is away.
 * Before that, it gives up after `withinMs`, or at once when the server answers and refuses us, or is no Redis.
 */
export async function connectRedis(
  options: RedisAddress & {
    readonly onError: (error: Error) => void;
    /** Off for a first look: a server that is still loading its data counts as connected. */
    readonly checksReady?: boolean;
  },
): Promise<Redis> {
  const address = addressWithoutPassword(options.url);
  options.signal.throwIfAborted();
  // Not lazy: BullMQ duplicates this connection with its options, and of a lazy one it takes a first try that fails as final.
  const redis = new Redis(options.url, {
    maxRetriesPerRequest: null,
    connectTimeout: options.withinMs,
    enableReadyCheck: options.checksReady ?? true,
    retryStrategy: (times) => Math.min(50 * times, 1_000),
  });
  redis.on("error", (error) => options.onError(shownError(error, options.url)));
  try {
    await firstReady(redis, options);
    return redis;
  } catch (cause) {
    redis.disconnect();
    options.signal.throwIfAborted();
    if (cause instanceof Refused) throw unfit(address, cause.refusal, cause.cause);
    const reason = hideSecrets(cause instanceof Error ? cause.message : String(cause), options.url);
    throw new Failure("queue_unreachable", `Redis at ${address}: ${reason}`, {
      where: { url: address },
      cause: withoutSecrets(cause, options.url),
    });
  }
}

/** What answers does not want us, or is not what we look for: waiting changes nothing. */
class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal, cause: unknown) {
    super(refusal.what, { cause });
    this.refusal = refusal;
  }
}

function firstReady(redis: Redis, { url, withinMs, signal }: RedisAddress): Promise<void> {
  return new Promise((resolve, giveUp) => {
    let last: Error | null = null;
    let isAsking = false;
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      clearTimeout(doubt);
      redis.off("ready", ready).off("error", failed);
      signal.removeEventListener("abort", aborted);
      end();
    };
    const refused = (refusal: Refusal | null, cause: Error | null): void => {
      if (refusal !== null) settle(() => giveUp(new Refused(refusal, cause)));
    };
    const askWhoThere = (): void => {
      if (isAsking) return;
      isAsking = true;
      void strangerAt(url, withinMs / 4).then((refusal) => refused(refusal, last));
    };
    const ready = (): void => settle(resolve);
    const failed = (met: Error): void => {
      const error = shownError(met, url);
      last = error;
      refused(replyCode(error) === null ? tlsRefusal(error) : refusalAtStart(error), error);
      // An error of the system has a code; one without is about what was answered.
      if (!("code" in error)) askWhoThere();
    };
    const aborted = (): void => settle(() => giveUp(signal.reason));
    const timer = setTimeout(() => {
      const found = last?.message ?? "no answer";
      settle(() => giveUp(new Error(`expected an answer within ${withinMs / 1000} s, found: ${found}`)));
    }, withinMs);
    // Where one side speaks TLS and the other does not, there may be silence, or an end without a word.
    const doubt = setTimeout(askWhoThere, withinMs / 4);
    redis.on("ready", ready).on("error", failed);
    signal.addEventListener("abort", aborted, { once: true });
  });
}

function parseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !["redis:", "rediss:"].includes(parsed.protocol) || parsed.host === "") {
    throw new Failure(
      "wrong_use",
      "expected an address for Redis such as redis://host:6379 or rediss://user:password@host:6380/0",
    );
  }
  if (!/^\/?\d{0,9}$/.test(parsed.pathname)) {
    throw new Failure(
      "wrong_use",
      "expected the number of a database behind the host of Redis, such as redis://host:6379/0",
    );
  }
  if (![parsed.username, parsed.password].every(isEscaped))
    throw new Failure("wrong_use", "expected a % in the user or password of Redis to be written %25");
  return parsed;
}

function isEscaped(word: string): boolean {
  try {
    decodeURIComponent(word);
    return true;
  } catch {
    return false;
  }
}
