import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../faults/until.ts";
import { SourceHouse, tarBytes } from "./source-house.ts";

/** Output that has no space: the build waits, says so, and loses nothing. */
let house: SourceHouse;
beforeAll(async () => {
  house = await SourceHouse.open();
});
afterAll(() => house.close());

describe("an output without space", () => {
  it("by --max-output: shards beyond it are not begun, and a build with more space makes the same bytes", async () => {
    const hub = await house.hub({});
    const out = house.newOut();
    // The first shards are let in by the catalogue's estimate, which is larger than these clips need.
    const limit = Math.max(400_000, Math.round(house.referenceOutputBytes * 0.6));
    expect(limit).toBeLessThan(house.referenceOutputBytes);
    const build = house.build(hub, out, {
      args: ["--max-output", String(limit)],
      env: { SHARDMILL_FULL_DISK_MS: "500" },
    });
    await until("shards wait", () => waitsOf(build.stderr()) > 3);
    build.child.kill("SIGINT");
    const stopped = await build.ended;
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).not.toMatch(/failed/);
    const made = tarBytes(house.folder(out));
    expect(made).toBeLessThanOrEqual(limit);
    const ended = await house.build(hub, out).ended;
    await house.expectAsIfNothingHappened(out, ended);
    expect(made).toBeLessThan(house.referenceOutputBytes);
  });

  it("by a full disk: the build waits without using an attempt and carries on when there is space", async ({
    skip,
  }) => {
    const out = house.newOut();
    mkdirSync(out);
    if (!mount(out)) skip("a tmpfs needs rights that are not to be had here");
    try {
      const ballast = join(out, "ballast");
      writeFileSync(ballast, Buffer.alloc(7_700_000));
      const hub = await house.hub({});
      const build = house.build(hub, out, { env: { SHARDMILL_FULL_DISK_MS: "500" } });
      await until("it waits", () => waitsOf(build.stderr()) > 3);
      rmSync(ballast);
      const ended = await build.ended;
      expect(ended.stderr).not.toMatch(/failed:|will be tried again/);
      await house.expectAsIfNothingHappened(out, ended);
    } finally {
      execFileSync("umount", ["-l", out]);
    }
  });
});

function waitsOf(stderr: string): number {
  return stderr.split(/ waits: .*\(output_full\)/).length - 1;
}

function mount(folder: string): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
