import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, utimes } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { withBucket } from "../testing/bucket.ts";
import { tempFolder } from "../testing/temp-folder.ts";
import { acquireBuildLock } from "./acquire-build-lock.ts";
import { openRecords } from "./open-records.ts";
import { openStore } from "./open-store.ts";
import { thisProcess } from "./process-mark.ts";

const me = thisProcess();
const dead = { ...me, startTicks: me.startTicks + 1 };
const elsewhere = { ...me, host: "elsewhere.01234567" };

async function recordsIn(path: string) {
  return openRecords(await openStore(path), "toy");
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe("the build lock", () => {
  it("refuses a second build in one line that names the first", async () => {
    await using folder = await tempFolder();
    const records = await recordsIn(folder.path);
    const lock = await acquireBuildLock(records, { build: "b1" });
    const second = acquireBuildLock(records, { build: "b2" });
    await expect(second).rejects.toMatchObject({ code: "build_locked" });
    await expect(second).rejects.toThrow(
      new RegExp(`^toy is being built .* by b1 \\(process ${process.pid} on [^\n]*$`),
    );
    await lock.release();
    await (await acquireBuildLock(records, { build: "b3" })).release();
  });

  it("is taken from a dead process of this machine at once", async () => {
    await using folder = await tempFolder();
    const records = await recordsIn(folder.path);
    await acquireBuildLock(records, { build: "b1" }, { owner: dead });
    await (await acquireBuildLock(records, { build: "b2" })).release();
  });

  it("is taken from another machine only after its heartbeat has been silent, by the storage's clock", async () => {
    await using folder = await tempFolder();
    const records = await recordsIn(folder.path);
    const far = await acquireBuildLock(records, { build: "far" }, { owner: elsewhere, heartbeatMs: 1e6 });
    await expect(acquireBuildLock(records, { build: "b2" })).rejects.toMatchObject({ code: "build_locked" });
    const [file = ""] = await readdir(join(folder.path, records.paths.lock));
    const past = new Date(Date.now() - 61_000);
    await utimes(join(folder.path, records.paths.lock, file), past, past);
    const near = await acquireBuildLock(records, { build: "b2" });
    // The one that was taken for dead may still release; that must not free the new holder's lock.
    await far.release();
    await expect(acquireBuildLock(records, { build: "b3" })).rejects.toThrow("by b2");
    await near.release();
  });

  it("is taken likewise in a bucket, whatever the clock of this machine says", () =>
    withBucket({}, async (store, standIn) => {
      const records = openRecords(store, "toy");
      await acquireBuildLock(records, { build: "far" }, { owner: elsewhere, heartbeatMs: 1e6 });
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 1e9 });
      const near = (): ReturnType<typeof acquireBuildLock> => acquireBuildLock(records, { build: "b2" });
      const [[key, lock] = []] = standIn.objects.all;
      if (key === undefined || lock === undefined) throw new Error("no lock");
      const aged = (ms: number) => ({ ...lock, modified: new Date(Date.now() - ms) });
      standIn.objects.all.set(key, aged(100_000));
      await expect(near()).rejects.toMatchObject({ code: "build_locked" });
      standIn.objects.all.set(key, aged(125_000));
      await (await near()).release();
      expect([...standIn.objects.all.keys()].filter((name) => name.includes(".now-"))).toEqual([]);
    }));

  it("tells a holder that wakes too late that it has lost the lock", async () => {
    await using folder = await tempFolder();
    const records = await recordsIn(folder.path);
    const frozen = await acquireBuildLock(records, { build: "frozen" }, { owner: dead, heartbeatMs: 1 });
    await acquireBuildLock(records, { build: "b2" });
    if (!frozen.lost.aborted) await once(frozen.lost, "abort");
    expect(frozen.lost.reason).toMatchObject({ code: "build_locked" });
  });

  it("keeps beating, so that others see it live", async () => {
    await using folder = await tempFolder();
    const records = await recordsIn(folder.path);
    const lock = await acquireBuildLock(records, { build: "b1" }, { heartbeatMs: 1 });
    const [file = ""] = await records.store.list(records.paths.lock);
    const first = await records.store.stat(file);
    await vi.waitUntil(async () => (await records.store.stat(file))?.identity !== first?.identity);
    await lock.release();
  });

  it("never has two holders, however many race for free and dead locks", async () => {
    await using folder = await tempFolder();
    const records = await recordsIn(folder.path);
    for (let round = 0; round < 10; round += 1) {
      if (round % 2 === 0)
        await acquireBuildLock(records, { build: "dead" }, { owner: dead, heartbeatMs: 1e6 });
      const racers = Array.from({ length: 12 }, (_, at) => acquireBuildLock(records, { build: `r${at}` }));
      const ends = await Promise.allSettled(racers);
      const holders = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
      expect(holders).toHaveLength(1);
      const refused = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
      for (const reason of refused) expect(reason).toMatchObject({ code: "build_locked" });
      await holders[0]?.release();
    }
  });

  it("is held by one of several real processes, and by the next one when that is killed", async () => {
    await using folder = await tempFolder();
    const records = await recordsIn(folder.path);
    const children = Array.from({ length: 3 }, () => racer(folder.path));
    const said = await Promise.all(
      children.map(async (child) => String((await once(child.stdout, "data"))[0]).trim()),
    );
    expect(said.sort()).toEqual(["build_locked", "build_locked", "held"]);
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
    }
    await (await acquireBuildLock(records, { build: "next" })).release();
  });
});

function racer(root: string) {
  const program = `
    import { acquireBuildLock, openRecords, openStore } from "@shardmill/store";
    const records = openRecords(await openStore(process.argv[1]), "toy");
    try {
      await acquireBuildLock(records, { build: "child" });
      console.log("held");
    } catch (error) {
      console.log(error.code);
    }
    setInterval(() => {}, 1000);`;
  return spawn(process.execPath, ["--input-type=module", "-e", program, root], {
    cwd: new URL("..", import.meta.url),
    stdio: ["ignore", "pipe", "inherit"],
  });
}
