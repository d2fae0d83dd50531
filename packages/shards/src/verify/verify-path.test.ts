import { readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { countLines, type Manifest, type PartPlan } from "@shardmill/core";
import { temporaryName, thisProcess } from "@shardmill/store";
import { describe, expect, it } from "vitest";
import {
  aBuildRecord,
  aDataset,
  aLeftOutLine,
  aListedPart,
  aPartEnd,
  aPlan,
  aRange,
} from "../../../core/testing/records.ts";
import {
  commitToy,
  keyOf,
  line,
  makeSample,
  makeShard,
  manifestOf,
  never,
  openToy,
  tempFolder,
} from "../../testing/make-shard.ts";
import { openShardWriter } from "../write/open-shard-writer.ts";
import { verifyPath } from "./verify-path.ts";

const shards = ["toy-p0000-0000", "toy-p0000-0001"] as const;

/** One finished part: two ranges of three members each, one of them failed, and one member left out. */
async function toyDataset(root: string): Promise<string> {
  const { records } = await openToy(root);
  const first = await commitToy(records, shards[0], { from: 0, failed: [1] });
  const second = await commitToy(records, shards[1], { from: 3 });
  const out = line(6, { outcome: "skipped", key: null, code: "no_annotation", frames: null });
  const planned = (from: number) =>
    [from, from + 1, from + 2].map((position) => ({
      position,
      name: `${position}.mp4`,
      at: {},
      records: [],
    }));
  await records.writePlan(planOf([first, second]), [planned(0), planned(3)]);
  await records.writePlanLedger({ subset: null, part: 0 }, [out]);
  await records.writePartEnd(ended);
  return join(root, "toy");
}

const ended = aPartEnd();

function planOf(manifests: readonly Manifest[]): PartPlan {
  return aPlan({
    members: manifests.reduce((sum, { counts }) => sum + counts.members, 1),
    leftOut: countLines([aLeftOutLine()]),
    ranges: manifests.map(({ shard, first, last, counts }, range) =>
      aRange({ range, shard, first, last, members: counts.members }),
    ),
  });
}

/** The record of a build with these parts, some of which the source no longer has. */
function buildOf(parts: readonly { readonly part: number; readonly isGone?: true }[]) {
  return aBuildRecord({
    dataset: aDataset({
      annotations: { kind: "files", files: [{ path: "captions.csv", format: "csv" }], key: "name" },
    }),
    parts: parts.map(({ part, isGone }) =>
      aListedPart({
        part,
        absent: isGone ? { code: "part_absent", reason: "no longer at the source" } : null,
      }),
    ),
  });
}

async function codesAfter(damage: (folder: string) => Promise<void>, deep = false): Promise<string[]> {
  await using folder = await tempFolder();
  const path = await toyDataset(folder.path);
  await damage(path);
  const { ok, problems } = await verifyPath(path, { deep }, never);
  expect(ok).toBe(problems.length === 0);
  return [...new Set(problems.map(({ code }) => code))].sort();
}

async function change(path: string, edit: (bytes: Buffer) => Buffer): Promise<void> {
  await writeFile(path, edit(await readFile(path)));
}

describe("verify", () => {
  it("finds nothing wrong with a finished build, also from the folder above", async () => {
    await using folder = await tempFolder();
    const path = await toyDataset(folder.path);
    const verdict = { ok: true, shards: 2, samples: 5, problems: [] };
    expect(await verifyPath(path, { deep: false }, never)).toEqual(verdict);
    expect(await verifyPath(folder.path, { deep: false }, never)).toEqual(verdict);
  });

  it("finds one flipped bit by its sha256", async () => {
    const codes = await codesAfter((path) =>
      change(join(path, `${shards[0]}.tar`), (bytes) => {
        bytes[700] = (bytes[700] ?? 0) ^ 1;
        return bytes;
      }),
    );
    expect(codes).toEqual(["sha256"]);
  });

  it("finds a tar cut on a member's border, which lenient readers take for whole", async () => {
    await using folder = await tempFolder();
    const { store, records } = await openToy(folder.path);
    const { finished } = await makeShard(records, shards[0]);
    const path = await toyDataset(folder.path);
    await truncate(join(path, `${shards[0]}.tar`), finished.index[1]);
    const { problems } = await verifyPath(path, { deep: false }, never);
    expect(problems.map(({ code }) => code)).toEqual(
      expect.arrayContaining(["tar_structure", "size", "sha256", "counts"]),
    );
    await store.remove(`toy/${shards[0]}.tar.idx`);
    // Without its records, too, the missing end blocks show.
    await rename(join(path, `${shards[0]}.tar`), join(folder.path, "lone.tar"));
    const lone = await verifyPath(join(folder.path, "lone.tar"), { deep: false }, never);
    expect(lone.problems.map(({ code }) => code)).toEqual(["tar_structure"]);
  });

  it("finds a deleted tar, a deleted manifest, and a damaged one", async () => {
    expect(await codesAfter((path) => rm(join(path, `${shards[0]}.tar`)))).toEqual(["tar_missing"]);
    const manifest = `.shardmill/manifests/${shards[0]}.json`;
    expect(await codesAfter((path) => rm(join(path, manifest)))).toEqual([
      "books",
      "manifest_missing",
      "tar_without_manifest",
    ]);
    expect(await codesAfter((path) => truncate(join(path, manifest), 100))).toContain("record_invalid");
  });

  it("finds a ledger that tells something else than the manifest, or cannot be read", async () => {
    const ledger = `.shardmill/ledger/${shards[0]}.jsonl`;
    const without = (path: string): Promise<void> =>
      change(join(path, ledger), (bytes) => bytes.subarray(bytes.indexOf(10) + 1));
    expect(await codesAfter(without)).toEqual(["ledger"]);
    expect(await codesAfter((path) => truncate(join(path, ledger), 30))).toEqual(["record_invalid"]);
    const plan = ".shardmill/ledger/toy-p0000-plan.jsonl";
    expect(await codesAfter((path) => rm(join(path, plan)))).toEqual(["ledger"]);
  });

  it("finds a build's record that cannot be read, and goes on with the shards", async () => {
    await using folder = await tempFolder();
    const { records } = await openToy(folder.path);
    await commitToy(records, shards[0]);
    await records.store.put(records.paths.build, "{");
    const { shards: looked, problems } = await verifyPath(join(folder.path, "toy"), { deep: false }, never);
    expect(looked).toBe(1);
    expect(problems).toMatchObject([
      { code: "record_invalid", detail: expect.stringContaining("build.json") },
    ]);
  });

  it("finds books that do not balance", async () => {
    const codes = await codesAfter((path) =>
      change(join(path, `.shardmill/manifests/${shards[0]}.json`), (bytes) =>
        Buffer.from(bytes.toString().replace('"members": 3', '"members": 4')),
      ),
    );
    expect(codes).toEqual(["books", "ledger"]);
  });

  it("finds a key that is in two shards", async () => {
    await using folder = await tempFolder();
    const { records } = await openToy(folder.path);
    await commitToy(records, shards[0], { from: 0 });
    await commitToy(records, shards[1], { from: 2 });
    const { problems } = await verifyPath(join(folder.path, "toy"), { deep: false }, never);
    expect(problems).toMatchObject([{ code: "double_key", shard: shards[1], part: "p0000" }]);
  });

  it("compares the annotations of parts that shards were made of and that can be made again", async () => {
    await using folder = await tempFolder();
    const { records } = await openToy(folder.path);
    const path = join(folder.path, "toy");
    const codes = async () => {
      const { problems } = await verifyPath(path, { deep: false }, never);
      return problems.map(({ code }) => code).filter((code) => code === "annotations_differ");
    };
    const made = planOf([await commitToy(records, shards[0])]);
    await records.writePlan(made, [
      [0, 1, 2].map((position) => ({ position, name: "", at: {}, records: [] })),
    ]);
    const other = { ...made, part: 1, annotationsId: "b".repeat(64), ranges: [], members: null, open: true };
    await records.writePlan(other, []);
    expect(await codes()).toEqual([]);
    await records.writePartEnd({ ...ended, part: 1 });
    expect(await codes()).toEqual(["annotations_differ"]);
    await records.writeBuild(buildOf([{ part: 0 }, { part: 1 }]));
    expect(await codes()).toEqual(["annotations_differ"]);
    for (const parts of [[{ part: 0 }, { part: 1, isGone: true as const }], [{ part: 0 }]]) {
      await records.writeBuild(buildOf(parts));
      expect(await codes()).toEqual([]);
    }
  });

  it("finds what a dead process left, and leaves a living one's work alone", async () => {
    const mark = thisProcess();
    const plant = (startTicks: number) => async (path: string) =>
      writeFile(join(path, temporaryName("x.tar", { ...mark, startTicks })), "half");
    expect(await codesAfter(plant(mark.startTicks + 1))).toEqual(["leftover"]);
    expect(await codesAfter(plant(mark.startTicks))).toEqual([]);
  });

  it("finds an index that does not point at the samples", async () => {
    const index = `${shards[0]}.tar.idx`;
    expect(await codesAfter((path) => truncate(join(path, index), 16))).toEqual(["index_file"]);
    expect(await codesAfter((path) => rm(join(path, index)))).toEqual(["index_file"]);
  });

  it("with deep finds times that step back, or are not one for each frame", async () => {
    await using folder = await tempFolder();
    const { store, records } = await openToy(folder.path);
    const write = async (shard: string, times: readonly number[]): Promise<string[]> => {
      const writer = await openShardWriter(store, "toy", shard, { records });
      await writer.add(await makeSample(keyOf(0, 0), 3, { frame_times: times }));
      const finished = await writer.finish(never);
      await writer.publish(
        manifestOf(shard, finished, [line(0, { frames: 3 })]),
        [line(0, { frames: 3 })],
        never,
      );
      const { problems } = await verifyPath(join(folder.path, "toy", `${shard}.tar`), { deep: true }, never);
      return problems.filter(({ code }) => code === "frame_times").map(({ detail }) => detail);
    };
    expect(await write("toy-p0000-0000", [0.48, 1.48, 1.48])).toEqual([]);
    expect(await write("toy-p0000-0001", [0.48, 1.48, 1.2])).toEqual([
      expect.stringContaining("step back from 1.48 to 1.2"),
    ]);
    expect(await write("toy-p0000-0002", [0.48, 1.48])).toEqual([
      expect.stringContaining("2 frame_times for 3 frames"),
    ]);
  });

  it("with deep decodes every JPEG and holds its size against the recipe's", async () => {
    const codes = await codesAfter(async () => undefined, true);
    // The toy's frames are 32x32, and the default recipe says 224x224.
    expect(codes).toEqual(["image"]);
  });
});
