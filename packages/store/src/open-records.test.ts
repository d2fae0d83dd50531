import { stat, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LedgerLine, PlannedMember } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { anAnnotationsRecord, aPartEnd } from "../../core/testing/records.ts";
import { buildRecord, manifestNamed, planOf } from "../testing/records.ts";
import { never, tempFolder } from "../testing/temp-folder.ts";
import { faultyFileSystem } from "./faulty-file-system.ts";
import { localFileSystem } from "./file-system.ts";
import { openRecords } from "./open-records.ts";
import { openStore } from "./open-store.ts";

const part = { subset: null, part: 0 };

async function recordsIn(path: string) {
  return openRecords(await openStore(path), "toy");
}

function member(position: number): PlannedMember {
  const fields = { caption: 'a "quoted", caption\nof two lines — ünïcode' };
  return {
    position,
    name: `clip ${position}.mp4`,
    at: { offset: position },
    records: [{ set: "caption", fields }],
  };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe("the records of a dataset", () => {
  it("have null or nothing where there is nothing", async () => {
    await using folder = await tempFolder();
    const records = await recordsIn(folder.path);
    expect(await records.readBuild()).toBeNull();
    expect(await records.readPlan(part)).toBeNull();
    expect(await records.listPlans()).toEqual([]);
    expect(await records.readManifest("x")).toEqual({ kind: "absent" });
    expect(await records.listManifests()).toEqual([]);
    expect(await collect(records.readLedger("x", never))).toEqual([]);
    expect(await records.readPartEnd(part)).toBeNull();
    expect(await records.readQueueAddress()).toBeNull();
    expect(await records.listAnnotations()).toEqual([]);
  });

  it("give back what was written: build, plan with its members, part end, annotations, queue", async () => {
    await using folder = await tempFolder();
    const records = await recordsIn(folder.path);
    const build = buildRecord();
    await records.writeBuild(build);
    expect(await records.readBuild()).toEqual(build);

    const ranges = [
      [member(0), member(1)],
      [member(2), member(7)],
    ];
    await records.writePlan(planOf(0), ranges);
    expect(await records.readPlan(part)).toEqual(planOf(0));
    expect(await collect(records.readPlannedMembers(part, 1, never))).toEqual(ranges[1]);
    expect(await records.listPlans()).toEqual([planOf(0)]);

    const end = aPartEnd();
    await records.writePartEnd(end);
    expect(await records.readPartEnd(part)).toEqual(end);
    expect(await records.listPartEnds()).toEqual([end]);
    await records.removePartEnd(part);
    expect(await records.listPartEnds()).toEqual([]);

    const annotations = anAnnotationsRecord({ subset: "AI2D" });
    await records.writeAnnotations(annotations);
    expect(await records.listAnnotations()).toEqual([annotations]);

    const address = { url: "redis://127.0.0.1:1", build: "b1", owner: "service", isPrivate: false } as const;
    await records.writeQueueAddress(address);
    expect((await stat(join(folder.path, records.paths.queue))).mode & 0o777).toBe(0o600);
    expect(await records.readQueueAddress()).toEqual(address);
  });

  it("give back a ledger of any length, line by line", async () => {
    await using folder = await tempFolder();
    const records = await recordsIn(folder.path);
    const lines = Array.from({ length: 20_000 }, (_, position): LedgerLine => {
      const fate = { outcome: "skipped", key: null, code: "no_annotation", detail: null } as const;
      return { position, member: `ö${position}.mp4`, ...fate, attempt: 1, frames: null };
    });
    await records.writePlanLedger(part, lines);
    expect(await collect(records.readPlanLedger(part, never))).toEqual(lines);
    expect(await records.store.list(records.paths.ledgers)).toEqual([
      "toy/.shardmill/ledger/toy-p0000-plan.jsonl",
    ]);
  });

  it("remove a plan with all of its members and its ledger, and no other part's", async () => {
    await using folder = await tempFolder();
    const records = await recordsIn(folder.path);
    for (const number of [0, 1]) {
      await records.writePlan(planOf(number), [[member(0)], [member(1)]]);
      await records.writePlanLedger({ subset: null, part: number }, []);
    }
    await records.removePlan(part);
    expect(await records.store.list(records.paths.plans)).toEqual(
      ["p0001-0000.jsonl", "p0001-0001.jsonl", "p0001.json"].map((name) => `toy/.shardmill/plans/${name}`),
    );
    expect(await records.store.list(records.paths.ledgers)).toHaveLength(1);
  });

  it("commit a manifest once", async () => {
    await using folder = await tempFolder();
    const records = await recordsIn(folder.path);
    const manifest = manifestNamed("toy-p0000-0000", 0, 0);
    expect(await records.writeManifest(manifest)).toBe("committed");
    expect(await records.writeManifest({ ...manifest, samples: 1 })).toBe("exists");
    expect(await records.readManifest(manifest.shard)).toEqual({ kind: "ok", value: manifest });
  });

  it("list the manifests of one part, supplements too, and tell damaged ones apart", async () => {
    await using folder = await tempFolder();
    const records = await recordsIn(folder.path);
    const shards = ["toy-p0000-0000", "toy-p0000-r01", "toy-p0001-0000", "toy-p00001-0000"];
    for (const shard of shards) await records.writeManifest(manifestNamed(shard, 0, 0));
    const damagedPath = records.paths.manifest("toy-p0000-0001");
    await records.store.put(damagedPath, '{"version": 1');
    await records.store.put(records.paths.manifest("toy-p0000-0002"), await text(records, shards[0]!));
    expect((await records.listManifests(part)).map(({ shard }) => shard)).toEqual(shards.slice(0, 2));
    // A range's manifest under the name of a supplement is none.
    expect(await records.listSupplements(part)).toEqual([]);
    await records.writeManifest({ ...manifestNamed("toy-p0000-r02", 0, 0), range: null, supplement: 2 });
    expect((await records.listSupplements(part)).map(({ shard }) => shard)).toEqual(["toy-p0000-r02"]);
    expect((await records.listDamagedManifests(part)).map(({ shard }) => shard)).toEqual([
      "toy-p0000-0001",
      "toy-p0000-0002",
    ]);
    expect(await records.listManifests()).toHaveLength(5);
  });

  it("name the file of a damaged record", async () => {
    await using folder = await tempFolder();
    const records = await recordsIn(folder.path);
    await records.writeBuild(buildRecord());
    await truncate(join(folder.path, records.paths.build), 50);
    const path = "toy/.shardmill/build.json";
    await expect(records.readBuild()).rejects.toMatchObject({ code: "record_invalid", where: { path } });
    await records.writePlan(planOf(0), []);
    await records.store.put(records.paths.plan(part), '{"version": 2}');
    await expect(records.listPlans()).rejects.toThrow("toy/.shardmill/plans/p0000.json");
    await records.store.put(records.paths.ledger("x"), `${JSON.stringify({ position: 0 })}\n`);
    await expect(collect(records.readLedger("x", never))).rejects.toThrow(
      "ledger/x.jsonl cannot be read: line 1",
    );
    expect((await records.readPlans())[0]).toMatchObject({
      path: records.paths.plan(part),
      read: { kind: "damaged" },
    });
  });

  it("name a damaged record of the annotations, and keep that of a subset called all apart from that of all", async () => {
    await using folder = await tempFolder();
    const records = await recordsIn(folder.path);
    for (const [at, subset] of [null, "all", "ai2d"].entries())
      await records.writeAnnotations(anAnnotationsRecord({ subset, count: at }));
    const found = await records.listAnnotations();
    expect(found.map(({ subset, count }) => [subset, count])).toEqual([
      ["ai2d", 2],
      [null, 0],
      ["all", 1],
    ]);
    const path = records.paths.annotationsRecord("all");
    await records.store.put(path, "{");
    await expect(records.listAnnotations()).rejects.toMatchObject({
      code: "record_invalid",
      where: { path },
    });
  });

  it("take a record of a newer version for no damaged one: whoever asks for it is told, and nothing is passed over", async () => {
    await using folder = await tempFolder();
    const records = await recordsIn(folder.path);
    const shard = "toy-p0000-0000";
    const { build, manifest, plan } = records.paths;
    for (const path of [build, manifest(shard), plan(part)]) await records.store.put(path, '{"version": 3}');
    const newer = (path: string) => ({ code: "record_newer", where: { path } });
    await expect(records.readBuild()).rejects.toMatchObject(newer(build));
    for (const ask of [
      () => records.readManifest(shard),
      () => records.listManifests(),
      () => records.listDamagedManifests(),
    ])
      await expect(ask()).rejects.toMatchObject(newer(manifest(shard)));
    for (const ask of [() => records.readPlan(part), () => records.listPlans(), () => records.readPlans()])
      await expect(ask()).rejects.toMatchObject(newer(plan(part)));
  });

  it("remove a shard so that it is uncommitted first", async () => {
    await using folder = await tempFolder();
    const unlinked: string[] = [];
    const fs = faultyFileSystem((operation, path) => {
      if (operation === "unlink" && !path.endsWith(".tmp")) unlinked.push(path.slice(folder.path.length + 1));
    });
    const records = openRecords(await openStore(folder.path, { fs }), "toy");
    const shard = "toy-p0000-0000";
    await records.writeManifest(manifestNamed(shard, 0, 0));
    await records.writeLedger(shard, []);
    await records.store.put(records.paths.tar(shard), "x");
    await records.removeShard(shard);
    expect(unlinked).toEqual([
      records.paths.manifest(shard),
      records.paths.tar(shard),
      records.paths.ledger(shard),
    ]);
  });

  it("read a thousand manifests once, and again only the one that changed", async () => {
    await using folder = await tempFolder();
    let reads = 0;
    const counting = {
      ...localFileSystem,
      open: (...args: Parameters<typeof localFileSystem.open>) => {
        reads += 1;
        return localFileSystem.open(...args);
      },
    };
    const records = openRecords(await openStore(folder.path, { fs: counting }), "toy");
    await records.store.put(records.paths.manifest("seed"), "{}");
    const shards = Array.from({ length: 1116 }, (_, at) => {
      return manifestNamed(
        `toy-p${String(Math.floor(at / 6)).padStart(4, "0")}-000${at % 6}`,
        Math.floor(at / 6),
        at % 6,
      );
    });
    const place = (shard: string): string => join(folder.path, records.paths.manifest(shard));
    await Promise.all(
      shards.map(async (manifest) => {
        await writeFile(place(manifest.shard), JSON.stringify(manifest));
        // Of a while ago: a file that was written within this moment is read again.
        await utimes(place(manifest.shard), 1_700_000_000, 1_700_000_000);
      }),
    );
    expect(await records.listManifests()).toHaveLength(1116);
    reads = 0;
    expect(await records.listManifests()).toEqual(shards);
    expect(reads).toBe(0);
    await writeFile(place(shards[7]!.shard), "{");
    expect(await records.listManifests()).toHaveLength(1115);
    expect(reads).toBe(1);
  });
});

async function text(records: Awaited<ReturnType<typeof recordsIn>>, shard: string): Promise<Uint8Array> {
  return (await records.store.read(records.paths.manifest(shard))) ?? new Uint8Array(0);
}
