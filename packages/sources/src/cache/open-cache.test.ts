import { randomBytes } from "node:crypto";
import { watch } from "node:fs";
import { mkdtemp, readdir, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FileIdentity, localRateGate, readAll, type Source, systemClock } from "@shardmill/core";
import { markText, processes, thisProcess } from "@shardmill/store";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type HubStandIn, startHubStandIn } from "../../../../tests/hub-stand-in/index.ts";
import { openCache, openSource } from "../index.ts";

const signal = new AbortController().signal;
const files = { "a.zip": randomBytes(1_000_000), "b.zip": randomBytes(900_000), "small.csv": "a,b\n" };
const segmentBytes = 100_000;

let hub: HubStandIn;
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "cache-"));
  hub = await startHubStandIn({ files });
});
afterEach(async () => {
  await hub.close();
  await rm(dir, { recursive: true });
});

/** As a process of its own would see it: nothing is shared but the folder. */
async function open(
  limitBytes = 10_000_000,
): Promise<{ source: Source; list: Record<string, FileIdentity> }> {
  const deps = { gate: localRateGate(systemClock), clock: systemClock, firstBackoffMs: 1 };
  const spec = {
    kind: "hub",
    repo: hub.repo,
    revision: hub.commit,
    endpoint: hub.endpoint,
    token: null,
  } as const;
  const source = openCache(
    { dir, limitBytes, segmentBytes },
    await openSource(spec, deps, signal),
    processes,
  );
  const list: Record<string, FileIdentity> = {};
  for await (const file of source.list(signal)) list[file.path] = file;
  return { source, list };
}

type Name = keyof typeof files;
async function read(
  path: Name,
  start = 0,
  end: number = files[path].length,
  limitBytes?: number,
): Promise<boolean> {
  const { source, list } = await open(limitBytes);
  const bytes = await readAll(source.open(list[path]!), { start, end }, signal);
  return Buffer.from(bytes).equals(Buffer.from(files[path]).subarray(start, end));
}

const endings = async () => (await readdir(dir)).map((name) => name.split(".").slice(1).join(".")).sort();

it("fetches a file once, verifies it, and serves every later read from the disk", async () => {
  expect(await read("a.zip")).toBe(true);
  expect(hub.bytesSent("cdn")).toBe(1_000_000);
  expect(await endings()).toEqual(["whole"]);
  expect(await read("a.zip", 333_333, 777_777)).toBe(true);
  expect(await read("a.zip")).toBe(true);
  expect(hub.bytesSent("cdn")).toBe(1_000_000);
});

it("fetches only the segments that a read touches, and later only those that are missing", async () => {
  expect(await read("a.zip", 250_000, 450_000)).toBe(true);
  expect(hub.bytesSent("cdn")).toBe(300_000);
  expect(await endings()).toEqual(["have", "partial"]);
  expect(await read("a.zip", 990_000, 1_000_000)).toBe(true);
  expect(await read("a.zip")).toBe(true);
  expect(hub.bytesSent("cdn")).toBe(1_000_000);
  expect(await endings()).toEqual(["whole"]);
});

it("goes on after a read that was broken off", async () => {
  const { source, list } = await open();
  let seen = 0;
  for await (const chunk of source.open(list["a.zip"]!).read({ start: 0, end: 1_000_000 }, signal)) {
    seen += chunk.length;
    if (seen >= 500_000) break;
  }
  expect(await read("a.zip")).toBe(true);
  // The segment that was being fetched ahead is the only one fetched twice.
  expect(hub.bytesSent("cdn")).toBeLessThanOrEqual(1_000_000 + segmentBytes);
});

it("is shared: readers at the same time fetch every segment once between them", async () => {
  const whole = await Promise.all([
    read("a.zip"),
    read("a.zip"),
    read("a.zip", 500_000),
    read("a.zip", 0, 650_000),
  ]);
  expect(whole).toEqual([true, true, true, true]);
  expect(hub.bytesSent("cdn")).toBe(1_000_000);
});

it("takes over the claim of a process that is dead, and waits for one that lives", async () => {
  await read("a.zip", 0, 10);
  const key = (await readdir(dir))[0]!.split(".")[0]!;
  // Its pid is ours by now, as it happens where pids are few.
  const dead = markText({ ...thisProcess(), startTicks: 1 });
  await writeFile(join(dir, `${key}.1.lock`), dead);
  expect(await read("a.zip", 0, 200_000)).toBe(true);
  await writeFile(join(dir, `${key}.2.lock`), processes.own);
  const waiting = read("a.zip", 200_000, 300_000);
  const early = await Promise.race([waiting, systemClock.sleep(200, signal).then(() => "waits")]);
  expect(early).toBe("waits");
  await rm(join(dir, `${key}.2.lock`));
  expect(await waiting).toBe(true);
});

it("throws away a file whose bytes do not have its sha256, and can fetch it again", async () => {
  hub.setFault({ kind: "flip", afterBytes: 50 });
  await expect(read("a.zip")).rejects.toMatchObject({ code: "source_invalid", retry: "later" });
  expect(await endings()).toEqual([]);
  expect(await read("a.zip")).toBe(true);
});

it("does so with a file that is stored in git, by its id", async () => {
  await hub.close();
  hub = await startHubStandIn({ files, largeFromBytes: 10_000_000 });
  const { list } = await open();
  expect([list["a.zip"]?.sha256, list["a.zip"]?.oid?.length]).toEqual([null, 40]);
  hub.setFault({ kind: "flip", afterBytes: 50 });
  await expect(read("a.zip")).rejects.toMatchObject({ code: "source_invalid", retry: "later" });
  expect(await read("a.zip")).toBe(true);
  expect(await endings()).toEqual(["whole"]);
});

it("evicts what was used least recently, and reads past itself when there is no space at all", async () => {
  const limit = 1_500_000;
  await read("a.zip", 0, undefined, limit);
  const [a] = await readdir(dir);
  await utimes(join(dir, a!), 1, 1);
  await read("small.csv", 0, undefined, limit);
  expect(await read("b.zip", 0, undefined, limit)).toBe(true);
  expect(await readdir(dir)).not.toContain(a);
  expect(await endings()).toEqual(["whole", "whole"]);
  const before = (await readdir(dir)).sort();
  expect(await read("a.zip", 0, undefined, 500_000)).toBe(true);
  expect((await readdir(dir)).sort()).toEqual(before);
});

it("drops a list of segments whose data is another file", async () => {
  await read("a.zip", 0, 250_000);
  const name = (await readdir(dir)).find((entry) => entry.endsWith(".partial"))!;
  // Moved away and not removed: what is written in its place cannot be given its inode.
  await rename(join(dir, name), join(dir, "elsewhere"));
  await writeFile(join(dir, name), Buffer.alloc(1_000_000));
  expect(await read("a.zip")).toBe(true);
});

it("takes an old list of segments away before it makes new data, which may be given the inode of the old", async () => {
  await read("a.zip", 0, 250_000);
  const partial = (await readdir(dir)).find((entry) => entry.endsWith(".partial"))!;
  await rm(join(dir, partial));
  const changed: string[] = [];
  const watcher = watch(dir, (_, name) => void changed.push(String(name).replace(/^[^.]*\./, "")));
  expect(await read("a.zip", 0, 10)).toBe(true);
  await expect.poll(() => changed).toContain("partial");
  watcher.close();
  expect(changed.indexOf("have")).toBeGreaterThanOrEqual(0);
  expect(changed.indexOf("have")).toBeLessThan(changed.indexOf("partial"));
});

it.each(["have", "partial"])("begins anew where only the %s of a file is left", async (left) => {
  await read("a.zip", 0, 250_000);
  for (const name of await readdir(dir)) if (!name.endsWith(left)) await rm(join(dir, name));
  expect(await read("a.zip")).toBe(true);
  expect(hub.bytesSent("cdn")).toBe(300_000 + 1_000_000);
  expect(await endings()).toEqual(["whole"]);
});

it("can be cancelled while it waits and leaves no claim behind", async () => {
  hub.setFault({ kind: "stall", afterBytes: 10 });
  const { source, list } = await open();
  const controller = new AbortController();
  const reading = readAll(source.open(list["a.zip"]!), { start: 0, end: 1_000_000 }, controller.signal);
  await expect.poll(() => hub.bytesSent("cdn")).toBe(10);
  controller.abort(new Error("enough"));
  await expect(reading).rejects.toThrow("enough");
  expect(await endings()).toEqual(["have", "partial"]);
});
