import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startShardmill } from "../support/shardmill.ts";
import { MillHouse } from "./mill-house.ts";
import { until } from "./until.ts";

let house: MillHouse;
beforeAll(async () => {
  house = await MillHouse.open({ parts: [72, 73], each: 6, samplesPerShard: 2, seconds: 3 });
});
afterAll(() => house.close());

describe("a build whose terminal is closed", () => {
  it("goes on to its end, and nothing is lost", async () => {
    const out = house.newOut();
    const build = house.start(out);
    await until("a shard committed", () => house.isInTheMiddle(out));
    build.child.stdout?.destroy();
    build.child.stderr?.destroy();
    build.child.kill("SIGHUP");
    const ended = await build.ended;
    expect([ended.code, ended.signal]).toEqual([1, null]);
    await house.expectAsIfNothingHappened(out);
  });

  it("can be stopped from elsewhere", async () => {
    const out = house.newOut();
    const build = house.start(out);
    await until("a shard committed", () => house.isInTheMiddle(out));
    build.child.stdout?.destroy();
    build.child.stderr?.destroy();
    build.child.kill("SIGHUP");
    build.child.kill("SIGTERM");
    expect((await build.ended).code).toBe(143);
    await house.finish(out);
    await house.expectAsIfNothingHappened(out);
  });
});

it("a service whose terminal is closed ends in good order", async () => {
  const served = startShardmill(["serve", "--out", house.newOut(), "--port", "0", "--no-local-worker"]);
  let said = "";
  served.child.stdout?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  await until("it serves", () => said.includes("Shardmill serves"));
  served.child.kill("SIGHUP");
  expect((await served.ended).code).toBe(129);
});
