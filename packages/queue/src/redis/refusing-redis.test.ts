import { afterAll, describe, expect, it } from "vitest";
import {
  type ConfiguredRedis,
  hasRedisServer,
  startConfiguredRedis,
} from "../../testing/configured-redis.ts";
import { queueOn, request } from "../../testing/queue-on.ts";
import { until } from "../../testing/until.ts";

const open: ConfiguredRedis[] = [];
/** With a user whose rights can be taken away and given back. */
async function redisWithMiller(): Promise<{ redis: ConfiguredRedis; url: string }> {
  const redis = await startConfiguredRedis(["user miller on >secret ~* &* +@all"]);
  open.push(redis);
  return { redis, url: redis.url.replace("//", "//miller:secret@") };
}
afterAll(() => Promise.all(open.map((redis) => redis.close())));

if (!hasRedisServer) console.warn("redis-server is not installed: refusals in mid-build are not tried");

/** Everything that one does is refused for a while, in mid-build; then all of it is done. */
describe.skipIf(!hasRedisServer)("a Redis that begins to refuse while jobs run", { timeout: 120_000 }, () => {
  const accidents: readonly (readonly [
    name: string,
    word: RegExp,
    begin: (redis: ConfiguredRedis) => Promise<unknown>,
    end: (redis: ConfiguredRedis) => Promise<unknown>,
  ])[] = [
    [
      "is full",
      /is full \(OOM\)/,
      (redis) => redis.ask("CONFIG", "SET", "maxmemory", "1"),
      (redis) => redis.ask("CONFIG", "SET", "maxmemory", "0"),
    ],
    [
      "takes no writes for want of replicas",
      /\(NOREPLICAS\)/,
      (redis) => redis.ask("CONFIG", "SET", "min-replicas-to-write", "3"),
      (redis) => redis.ask("CONFIG", "SET", "min-replicas-to-write", "0"),
    ],
    [
      "has taken our rights away",
      /\(NOPERM for [A-Z]+\)/,
      (redis) => redis.ask("ACL", "SETUSER", "miller", "-@write"),
      (redis) => redis.ask("ACL", "SETUSER", "miller", "+@all"),
    ],
  ];
  it.each(accidents)("since it %s is waited for, with a word", async (_name, word, begin, end) => {
    const { redis, url } = await redisWithMiller();
    const told: (string | null)[] = [];
    const failures: Error[] = [];
    let letGo = (): void => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const place = await queueOn(url, {
      shards: 6,
      settings: {
        onRefusal: (why) => told.push(why),
        onError: (error) => failures.push(error),
        // While it refuses no lock is renewed: on a busy machine that takes longer than the tests' short locks last.
        lockDurationMs: 30_000,
      },
    });
    const milled: string[] = [];
    await place.mill(
      async ({ range }, { signal }) => {
        milled.push(range);
        if (milled.length === 2) await begin(redis).then(() => held);
        signal.throwIfAborted();
        return null;
      },
      { concurrency: 1 },
    );
    await place.queue.enqueueBuild(request(1, "b"));
    await until("the second shard is at work", () => milled.length === 2);
    letGo();
    const asked = place.queue.enqueueBuild(request(1, "c"));
    await until("it is told", () => told.length > 0);
    expect(told).toEqual([expect.stringMatching(word)]);
    await end(redis);
    await asked;
    await place.sealed;
    await until("both are built", async () =>
      (await place.queue.jobsOf("c")).completed.some(({ what }) => what === "build"),
    );
    const jobs = await place.queue.jobsOf("b");
    expect(jobs.failed).toEqual([]);
    expect(told.at(-1)).toBeNull();
    expect(new Set(milled)).toEqual(new Set(["0000", "0001", "0002", "0003", "0004", "0005"]));
    expect(failures.map(String)).toEqual([]);
    await place.close();
  });
});

describe.skipIf(!hasRedisServer)("a user that loses a right in mid-build", { timeout: 60_000 }, () => {
  it.each(["bzpopmin", "xadd"])("is no matter of waiting: -%s", async (command) => {
    const { redis, url } = await redisWithMiller();
    const told: (string | null)[] = [];
    const errors: Error[] = [];
    const place = await queueOn(url, {
      settings: { onRefusal: (why) => told.push(why), onError: (error) => errors.push(error) },
    });
    await place.queue.look();
    await redis.ask("ACL", "SETUSER", "miller", `-${command}`);
    let failure: unknown = null;
    await until("it is given up", () =>
      place.queue.look().then(
        () => false,
        (error: unknown) => {
          failure = error;
          return true;
        },
      ),
    );
    const unfit = {
      code: "queue_unfit",
      message: expect.stringContaining(command.toUpperCase()),
    };
    expect(failure).toMatchObject(unfit);
    // Whoever asks for something that needs it is told as well; a script that was cut short is no build to go on with.
    if (command === "xadd")
      await expect(place.queue.enqueueBuild(request(1, "cut"))).rejects.toMatchObject({
        code: "queue_unfit",
      });
    // It is said once, and not again with every look.
    expect(told).toEqual([expect.stringContaining(command.toUpperCase())]);
    await redis.ask("ACL", "SETUSER", "miller", "+@all");
    await until("it is served again", () => told.length > 1);
    expect(told.at(-1)).toBeNull();
    await place.mill(async () => null);
    await place.queue.enqueueBuild(request(1, "b"));
    await place.sealed;
    expect((await place.queue.jobsOf("b")).failed).toEqual([]);
    await place.close();
  });
});
