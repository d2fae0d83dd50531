import { type RateGate, systemClock } from "@shardmill/core";
import type { OpenQueue } from "../jobs/open-queue.ts";

/** Closes for the longer of what it is closed for and what is asked, in one step: two workers may ask at once. */
const closeScript = `
if redis.call("PTTL", KEYS[1]) < tonumber(ARGV[1]) then
  redis.call("SET", KEYS[1], "1", "PX", ARGV[1])
end`;

/** Longest wait between two looks, so that a gate removed by hand is noticed. */
const lookEveryMs = 5_000;
/** While Redis is away or refuses, requests go on at their own pace: the source itself still says when it is too much. */
const answerWithinMs = 1_000;

export function redisRateGate(queue: OpenQueue, scope: string): RateGate {
  const refused = (error: Error): number => {
    queue.onError(error);
    return 0;
  };
  return {
    async pass(host, signal) {
      for (;;) {
        signal.throwIfAborted();
        if (queue.redis.status !== "ready") return;
        const asked = queue.redis.pttl(queue.keys.gate(scope, host)).catch(refused);
        const waitMs = await Promise.race([asked, unanswered()]);
        if (waitMs <= 0) return;
        await systemClock.sleep(Math.min(waitMs, lookEveryMs), signal);
      }
    },
    async pause(host, forMs) {
      if (forMs < 1 || queue.redis.status !== "ready") return;
      const closed = queue.redis
        .eval(closeScript, 1, queue.keys.gate(scope, host), Math.ceil(forMs))
        .catch(refused);
      await Promise.race([closed, unanswered()]);
    },
  };
}

function unanswered(): Promise<number> {
  return new Promise((resolve) => setTimeout(() => resolve(0), answerWithinMs).unref());
}
