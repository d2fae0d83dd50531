import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { redisKinds } from "../../testing/redis-kinds.ts";
import { until } from "../../testing/until.ts";
import { startEmbeddedRedis } from "./start-embedded-redis.ts";

describe.each(redisKinds)("a private %s", (kind) => {
  let dir = "";
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "shardmill-embedded-test-"));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it("is on loopback, asks for its password, evicts nothing, saves nothing, and leaves nothing", async () => {
    const redis = await startEmbeddedRedis({ prefer: kind, dir });
    expect(redis).toMatchObject({ kind, restarts: 0 });
    expect(redis.version).toMatch(/^\d+\.\d+/);
    expect(redis.url).toMatch(/^redis:\/\/:[0-9a-f]{48}@127\.0\.0\.1:\d+$/);
    const client = new Redis(redis.url);
    expect(await client.config("GET", "maxmemory-policy")).toContain("noeviction");
    client.disconnect();
    const stranger = new Redis(redis.url.replace(/:[0-9a-f]{48}@/, ""), { maxRetriesPerRequest: 0 });
    stranger.on("error", () => {});
    await expect(stranger.get("x")).rejects.toThrow(/NOAUTH/);
    stranger.disconnect();
    await redis.close();
    expect(isAlive(redis.pid)).toBe(false);
    expect(readdirSync(dir)).toEqual([]);
  });

  it("does not show its password in the list of processes", async () => {
    const redis = await startEmbeddedRedis({ prefer: kind, dir });
    const password = new URL(redis.url).password;
    const shown = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => readIfThere(`/proc/${pid}/cmdline`));
    expect(shown.join("\n")).not.toContain(password);
    await redis.close();
  });

  it("dies with an owner that is killed with -9, and leaves no file", async () => {
    const owner = await startOwner(kind, dir);
    expect(isAlive(owner.pid)).toBe(true);
    process.kill(owner.ownerPid, "SIGKILL");
    await until("the server is gone", () => !isAlive(owner.pid), 5_000);
    await until("its folder is gone", () => readdirSync(dir).length === 0, 5_000);
  });

  it("survives a Ctrl-C that its owner receives, so that the work can be handed back", async () => {
    const owner = await startOwner(kind, dir);
    // As a terminal does: to the whole group of the owner, which has one of its own here.
    process.kill(-owner.ownerPid, "SIGINT");
    await owner.ended;
    // The owner was ended by it, and only then the server.
    await until("the server is gone", () => !isAlive(owner.pid), 5_000);
    const second = await startEmbeddedRedis({ prefer: kind, dir });
    expect(groupOf(second.pid)).not.toBe(groupOf(process.pid));
    await second.close();
  });

  it("is back at the same address when its process is killed, as often as that happens", async () => {
    const redis = await startEmbeddedRedis({ prefer: kind, dir });
    const { url } = redis;
    for (let kills = 1; kills <= 2; kills += 1) {
      process.kill(redis.pid, "SIGKILL");
      await until("it is back", () => redis.restarts === kills);
      const client = new Redis(redis.url);
      expect(await client.dbsize()).toBe(0);
      client.disconnect();
    }
    expect(redis.url).toBe(url);
    await redis.close();
    expect(isAlive(redis.pid)).toBe(false);
  });

  it("is closed twice as well as once, and also while it is being started again", async () => {
    const redis = await startEmbeddedRedis({ prefer: kind, dir });
    process.kill(redis.pid, "SIGKILL");
    await redis.close();
    await redis.close();
    await until("nothing is left", () => readdirSync(dir).length === 0);
  });

  it("is closed by an owner that has nothing else to do, though it does not end by itself", async () => {
    const main = fileURLToPath(new URL("../../testing/closing-owner.mjs", import.meta.url));
    const owner = spawn(process.execPath, [main, kind, dir], { stdio: "inherit" });
    expect(await once(owner, "exit")).toEqual([0, null]);
    await until("its folder is gone", () => readdirSync(dir).length === 0, 5_000);
  });

  it("an aborted start leaves nothing", async () => {
    const controller = new AbortController();
    const starting = startEmbeddedRedis({ prefer: kind, dir, signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(starting).rejects.toThrow("enough");
    await until("nothing is left", () => readdirSync(dir).length === 0);
  });
});

it.runIf(redisKinds.includes("redis-server"))(
  "redis-server does not outlive the child that holds it, even when that is killed with -9",
  async () => {
    const redis = await startEmbeddedRedis({ prefer: "redis-server" });
    const server = redis.pid;
    const guard = parentOf(server);
    const host = parentOf(guard);
    process.kill(host, "SIGKILL");
    await until("the server is gone", () => !isAlive(server), 5_000);
    await until("another is there", () => redis.restarts === 1);
    await redis.close();
  },
);

async function startOwner(
  kind: string,
  dir: string,
): Promise<{ ownerPid: number; pid: number; ended: Promise<unknown> }> {
  const main = fileURLToPath(new URL("../../testing/embedded-owner.mjs", import.meta.url));
  const child = spawn(process.execPath, [main, kind, dir], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return { ...JSON.parse(line), ownerPid: child.pid ?? 0, ended: once(child, "exit") };
}

function isAlive(pid: number): boolean {
  const status = readIfThere(`/proc/${pid}/stat`);
  return status !== "" && !/\) Z /.test(status);
}

function parentOf(pid: number): number {
  return Number(statOf(pid)[1]);
}

function groupOf(pid: number): number {
  return Number(statOf(pid)[2]);
}

/** State, parent, process group, ... */
function statOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
