import { statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../faults/until.ts";
import { OwnersHouse } from "./owners-house.ts";

let house: OwnersHouse;

beforeAll(async () => {
  // So slow that nothing comes to its end here; the long tests beside this one go on to it.
  house = await OwnersHouse.open("private", 120);
});
afterAll(() => house.close());

/** The command line looks after the service, and counts on as long as the build is at work. */
async function bothTellTheSame(state: string): Promise<void> {
  const [service, command] = await house.times();
  expect([service?.state, command.state]).toEqual([state, state]);
  expect([service?.beganAt, service?.endedAt]).toEqual([command.beganAt, command.endedAt]);
  const seconds = service?.seconds ?? Number.NaN;
  expect(seconds).toBeGreaterThan(0);
  if (state === "ended") expect(command.seconds).toBe(seconds);
  else expect(command.seconds).toBeGreaterThan(seconds);
  expect(command.seconds).toBeLessThan(120);
}

describe("a service and a command line over one output, each with a private Redis", () => {
  it("the command line sees and steers what the service owns", async () => {
    await house.post("", { dataset: "openvid-1m", parts: "0", settings: ["samplesPerShard=3"] });
    const { mode } = statSync(join(house.out, "openvid-1m/.shardmill/queue.json"));
    expect((mode & 0o777).toString(8)).toBe("600");
    expect((await house.run("pause")).stdout).toMatch(/is paused/);
    await house.serviceSees("is paused", ({ control }) => control === "pause");
    expect((await house.run("status")).stdout).toMatch(/p0000 +(queued|running)/);
    await bothTellTheSame("running");
    // Twice at once: whoever comes second is told that all of it is at work, or waits for the same.
    const retries = [1, 2].map(() => house.start(house.args("retry", "--parts", "1")));
    await until("both are taken", () =>
      retries.every(
        ({ child, stderr }) => child.exitCode !== null || /handed to process \d+ on /.test(stderr()),
      ),
    );
    await house.serviceSeesPart("p0001", "queued", "running");
    expect(
      (await house.jobs()).filter(({ what, label }) => what === "part" && label === "p0001"),
    ).toHaveLength(1);
    expect((await house.run("resume")).stdout).toMatch(/carries on/);
    await house.serviceSees("goes on", ({ control, active }) => control === "run" && active);
    expect((await house.run("cancel")).stdout).toMatch(/is cancelled/);
    await house.serviceSees("is cancelled", ({ control, active }) => control === "cancel" && !active);
    const ended = await Promise.all(retries.map((retry) => retry.ended));
    expect(ended.some(({ code, stderr }) => code === 1 && /is cancelled/.test(stderr))).toBe(true);
    for (const { code, stdout, stderr } of ended)
      expect(code === 1 ? stderr : stdout).toMatch(
        code === 1 ? /is cancelled/ : /^Nothing to do: everything this asks for is there or at work/,
      );
    await until("its end is told", async () => (await house.detail())?.time.state === "ended");
    await bothTellTheSame("ended");
  });

  it("the service sees and steers what the command line owns", async () => {
    const build = house.start(house.buildArgs());
    await house.serviceSees("is at work", ({ active }) => active);
    await bothTellTheSame("running");
    await house.post("/openvid-1m/pause");
    await until("the command says so", () => /the build is paused/.test(build.stderr()));
    await house.post("/openvid-1m/retry", { selection: { kind: "parts", parts: "1" } });
    await house.serviceSeesPart("p0001", "queued");
    await house.post("/openvid-1m/resume");
    await until("the command carries on", () => /the build carries on/.test(build.stderr()));
    await house.post("/openvid-1m/cancel");
    expect((await build.ended).stderr).toMatch(/the build is cancelled/);
    await house.serviceSees("is cancelled", ({ active }) => !active);
    await bothTellTheSame("ended");
  });
});
