import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MillHouse } from "./mill-house.ts";
import { tinyDisk } from "./tiny-disk.ts";
import { until } from "./until.ts";

const main = fileURLToPath(new URL("../../apps/cli/bin/shardmill.js", import.meta.url));
let house: MillHouse;

beforeAll(async () => {
  house = await MillHouse.open({ parts: [72], each: 8, samplesPerShard: 2, seconds: 2 });
});
afterAll(() => house.close());

describe("a full disk", () => {
  it("makes the build wait, says so, and lets it go on when there is space", async ({ skip }) => {
    const out = house.newOut();
    mkdirSync(out, { recursive: true });
    const words = tinyDisk(out, "8m");
    if (words === null) {
      console.warn("skipped: no tmpfs in a mount namespace here; CI runs this as root");
      return skip();
    }
    const [command = "", ...before] = words;
    const build = spawn(command, [...before, process.execPath, main, ...house.buildArgs(out)], {
      env: {
        PATH: process.env.PATH,
        HF_ENDPOINT: house.slow.endpoint,
        SHARDMILL_FULL_DISK_MS: "500",
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    build.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const ended = new Promise<number | null>((resolve) => build.once("close", resolve));
    // The same folder as its own processes see it.
    const inside = join(`/proc/${build.pid}/root`, out);
    const dataset = join(inside, "openvid-1m");
    const ballast = join(inside, "ballast");
    await until("a shard committed", () => house.manifestsIn(dataset).length > 0);
    fill(ballast);
    await until("it says that it waits", () => {
      if (build.exitCode !== null) throw new Error(`it ended: ${stderr}`);
      return /waits: .*\(output_full\)/.test(stderr);
    }).catch((error: Error) => {
      throw new Error(`${error.message}; it said: ${stderr}`);
    });
    const stuck = house.manifestsIn(dataset).length;
    expect(stuck).toBeLessThan(house.shards);
    await rm(ballast);
    await until("all shards committed", () => house.manifestsIn(dataset).length === house.shards);
    expect(house.hashesIn(dataset)).toEqual(house.reference);
    expect(await ended, stderr).toBe(1);
  });
});

/** Leaves no block free, whatever the build writes meanwhile. */
function fill(ballast: string): void {
  const block = Buffer.alloc(4096);
  const file = openSync(ballast, "a");
  try {
    for (;;) writeSync(file, block);
  } catch (error) {
    expect(error).toMatchObject({ code: "ENOSPC" });
  } finally {
    closeSync(file);
  }
}
