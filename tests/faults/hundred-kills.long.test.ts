import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { mulberry32 } from "../hub-stand-in/faults.ts";
import type { Running } from "../support/shardmill.ts";
import { MillHouse } from "./mill-house.ts";
import { killHard, processesOf } from "./processes.ts";
import { shortWaits } from "./short-waits.ts";
import { until } from "./until.ts";

/** A build in the middle of a war. What it ends with must be what peace would have given, to the byte. */
const kills = Number(process.env.FAULT_KILLS ?? 100);
const seed = Number(process.env.FAULT_SEED ?? 20_240_607);
let house: MillHouse;
vi.setConfig({ testTimeout: 1_200_000 });

beforeAll(async () => {
  house = await MillHouse.open({ parts: [72, 73, 74], each: 40, samplesPerShard: 2, seconds: 90 });
});
afterAll(() => house.close());

/** Some seconds may pass until a worker that was lost again and again is back. Returns how many. */
async function decoding(build: Running): Promise<number> {
  const pid = build.child.pid ?? 0;
  const began = performance.now();
  await until(
    () => `a media child; the build has said:\n${build.stderr().slice(-4_000)}`,
    () => build.child.exitCode !== null || processesOf(pid, "media").length > 0,
    120_000,
  );
  return (performance.now() - began) / 1000;
}

type Victim = "worker" | "media" | "redis" | "build";
const victims: readonly Victim[] = ["worker", "media", "media", "redis", "build"];

describe(`${kills} times kill -9 at random moments of one build (seed ${seed})`, () => {
  it("ends with the bytes, the books and the folder of an undisturbed build", async () => {
    const random = mulberry32(seed);
    const out = house.newOut();
    const killed: Record<Victim, number> = { worker: 0, media: 0, redis: 0, build: 0 };
    let build: Running = house.start(out, shortWaits);
    let done = 0;
    let longestS = 0;
    while (done < kills) {
      // Half of the kills hit whatever there is, also a start; the others hit decoding.
      if (random() < 0.5) longestS = Math.max(longestS, await decoding(build));
      await new Promise((resolve) => setTimeout(resolve, random() * 1_500));
      if (build.child.exitCode !== null) {
        // It came through before all kills were spent: the pace of the source above is too fast for this machine.
        expect((await build.ended).code, build.stderr()).toBe(1);
        break;
      }
      const victim = victims[Math.floor(random() * victims.length)] ?? "worker";
      if (victim === "build") {
        killHard(build.child.pid ?? 0);
        await build.ended;
        build = house.start(out, shortWaits);
        // Killed again before it has begun, it would prove nothing.
        await until(
          "the build is up again",
          () => /queue: /.test(build.stderr()) || build.child.exitCode !== null,
        );
        killed.build += 1;
        done += 1;
        continue;
      }
      const those = processesOf(build.child.pid ?? 0, victim);
      const chosen = those[Math.floor(random() * those.length)];
      if (chosen === undefined || !killHard(chosen.pid)) continue;
      killed[victim] += 1;
      done += 1;
    }
    console.info(
      `killed ${done}: ${JSON.stringify(killed)}; ${house.manifests(out).length} shards were committed meanwhile; ` +
        `decoding was back after at most ${longestS.toFixed(1)} s`,
    );
    expect(done).toBe(kills);
    killHard(build.child.pid ?? 0);
    await build.ended;
    await house.finish(out, shortWaits);
    await house.finish(out);
    await house.expectAsIfNothingHappened(out);
  });
});
