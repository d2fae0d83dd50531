import { connectQueue, type EmbeddedRedis, type JobEvent, startEmbeddedRedis } from "@shardmill/queue";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../faults/until.ts";
import { type Running, shardmill, startShardmill } from "../support/shardmill.ts";
import { SourceHouse } from "./source-house.ts";

/** Two worker processes at one Redis, and a hub that asks one of them to slow down. */
let house: SourceHouse;
let redis: EmbeddedRedis;
beforeAll(async () => {
  house = await SourceHouse.open();
  redis = await startEmbeddedRedis({ signal: new AbortController().signal });
});
afterAll(async () => {
  await redis.close();
  await house.close();
});

const retryAfterS = 8;
/** How long what was asked before the word got round may take to arrive: machines are busy. */
const wordMs = 3_000;

describe("429 with Retry-After", () => {
  it("to one worker stops the requests of all for that long, and costs no attempt", async () => {
    const hub = await house.hub({ bytesPerSecond: 3_000_000 });
    const out = house.newOut();
    // Only a source that is asked to wait is to show here, no moment in which this machine is slow.
    const environment = house.environment(hub, { REDIS_URL: redis.url, SHARDMILL_IDLE_TIMEOUT_MS: "60000" });
    const queue = await connectQueue({ url: redis.url });
    const events: JobEvent[] = [];
    await queue.subscribe((event) => events.push(event));
    const workersThat = (kind: JobEvent["kind"], from = 0): Set<string | null> =>
      new Set(
        events
          .slice(from)
          .filter((event) => event.kind === kind && event.step === "mill")
          .map(({ worker }) => worker),
      );
    const workers = ["all", "mill"].map((role) => {
      const args = ["worker", "--out", out, "--workers", "1", "--role", role];
      return logging(startShardmill(args, environment));
    });
    try {
      for (const { log } of workers) await until("a worker", () => log().includes("worker started"));
      const asked = await shardmill(house.buildArgs(out, "--detach"), environment);
      expect(asked.code, asked.stderr).toBe(0);
      await until("a shard of each", () => workersThat("started").size === 2);
      const before = events.length;
      hub.setFault({ kind: "429", retryAfterS });
      const refused = await until("a 429", () => hub.log.find(({ fault }) => fault === "429") ?? null);
      await until("the end", async () => {
        const { totals } = await house.status(out);
        return totals.packed === house.members;
      });
      // By host: the hub itself did not ask for anything.
      const waits = hub.log
        .filter(({ server }) => server === refused.server)
        .map(({ atMs }) => atMs - refused.atMs);
      expect(waits.filter((ms) => ms > wordMs && ms < retryAfterS * 1000 - 50)).toEqual([]);
      expect(waits.filter((ms) => ms >= retryAfterS * 1000 - 50).length).toBeGreaterThan(1);
      await until("each has gone on", () => workersThat("completed", before).size === 2);
      const logs = workers.map(({ log }) => log()).join("");
      expect(logs).toMatch(/"kind":"rate_limited","attempt":0/);
      expect(logs).not.toMatch(/"attempt":[2-9]/);
    } finally {
      for (const { running } of workers) running.child.kill("SIGTERM");
      await Promise.all(workers.map(({ running }) => running.ended));
      await queue.close();
    }
    await house.expectAsIfNothingHappened(out, { code: 0, signal: null, stdout: "", stderr: "" });
  });
});

function logging(running: Running): { running: Running; log: () => string } {
  let text = "";
  running.child.stdout?.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  return { running, log: () => text };
}
