import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { until } from "../faults/until.ts";
import { OwnersHouse } from "./owners-house.ts";

let house: OwnersHouse | null = null;

afterEach(async () => {
  await house?.close();
  house = null;
});

describe("an owner that goes away", () => {
  it("a killed command: a second build is refused before, and the service carries on what it was asked for", async () => {
    house = await OwnersHouse.open("private", 20);
    const build = house.start(house.buildArgs());
    await house.serviceSees("is at work", ({ active }) => active);
    const second = await house.run("build", "--parts", "1");
    expect([second.code, second.stderr]).toEqual([3, expect.stringMatching(/process \d+.*build_locked/)]);
    await house.post("/openvid-1m/retry", { selection: { kind: "parts", parts: "1" } });
    build.child.kill("SIGKILL");
    await build.ended;
    await house.serviceSeesPart("p0001", "done");
    // What the command was asked for ended with it: nobody waits for it.
    expect((await house.states()).p0000).not.toBe("done");
  });

  it("a stopped command: whoever was watching the work he had handed to it makes it himself", async () => {
    house = await OwnersHouse.open("private", 20);
    const build = house.start(house.buildArgs());
    await house.serviceSees("is at work", ({ active }) => active);
    const retry = house.start(house.args("retry", "--parts", "1"));
    await until("the retry is handed over", () => /handed to process \d+ on /.test(retry.stderr()));
    build.child.kill("SIGINT");
    expect((await build.ended).code).toBe(130);
    const ended = await retry.ended;
    expect([ended.code, ended.stderr], ended.stdout).toEqual([0, expect.stringMatching(/queue: /)]);
    expect((await house.states()).p0001).toBe("done");
  });

  it("a service that is started again carries on what it was handed by the command line", async () => {
    house = await OwnersHouse.open("private", 20);
    const { service, out } = house;
    await house.post("", { dataset: "openvid-1m", parts: "0", settings: ["samplesPerShard=3"] });
    const retry = house.start(house.args("retry", "--parts", "1"));
    await until("the retry is handed over", () => /handed to process \d+ on /.test(retry.stderr()));
    retry.child.kill("SIGINT");
    expect((await retry.ended).stderr).toMatch(/the build goes on: another process owns it/);
    await service.stop("SIGKILL");
    await service.startAgain();
    await house.serviceSeesPart("p0000", "done");
    await house.serviceSeesPart("p0001", "done");
    await until(
      "nothing is left to be carried on",
      () => readdirSync(join(out, "openvid-1m/.shardmill/runs")).length === 0,
    );
  });
});
