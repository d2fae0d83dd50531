import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BuildRecord } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { aBuildRecord, aDataset } from "../../../core/testing/records.ts";
import { commitToy, makeShard, never, openToy, tempFolder } from "../../testing/make-shard.ts";
import { verifyPath } from "../verify/verify-path.ts";
import { writeDatasetIndexes } from "./write-dataset-indexes.ts";

const revisions = new Map<string, string>();

function buildOf(media: "video" | "images"): BuildRecord {
  return aBuildRecord({
    dataset: aDataset({ title: 'A "toy": dataset', bibtex: "@misc{toy}", media }),
    source: { kind: "hub", name: "hub:owner/toy", revision: "f".repeat(40), location: "/secret" },
  });
}

describe("the index files of a dataset", () => {
  it("list every shard that has a tar, in order of names, for each reader in its own way", async () => {
    await using folder = await tempFolder();
    const { records, store } = await openToy(folder.path);
    await commitToy(records, "toy-p0001-0000", { from: 0, failed: [1] });
    await commitToy(records, "toy-p0000-0000", { from: 0 });
    const empty = await makeShard(records, "toy-p0000-0001", { from: 3, count: 1, failed: [3] });
    await empty.writer.publish(empty.manifest, empty.ledger, never);
    const manifests = await records.listManifests();
    const written = await writeDatasetIndexes({
      store,
      build: buildOf("video"),
      manifests: manifests.toReversed(),
      revisions,
    });
    const text = async (name: string): Promise<string> => readFile(join(folder.path, "toy", name), "utf8");
    const first = await Promise.all(written.map((path) => readFile(join(folder.path, path), "utf8")));

    expect(await text("shardlist.txt")).toBe("toy-p0000-0000.tar\ntoy-p0001-0000.tar\n");
    expect(JSON.parse(await text(".nv-meta/.info.json"))).toEqual({
      energon_version: "7.1.0",
      shard_counts: { "toy-p0000-0000.tar": 3, "toy-p0001-0000.tar": 2 },
    });
    expect(await text(".nv-meta/split.yaml")).toBe(
      'split_parts:\n  train:\n  - "toy-p0000-0000.tar"\n  - "toy-p0001-0000.tar"\n  val: []\n  test: []\nexclude: []\n',
    );
    expect(await text(".nv-meta/dataset.yaml")).toBe(
      "__module__: megatron.energon\n__class__: CrudeWebdataset\n",
    );
    const wids = JSON.parse(await text("shardindex.json"));
    expect(wids).toMatchObject({ __kind__: "wids-shard-index-v1", wids_version: 1, name: "toy" });
    expect(wids.shardlist[0]).toEqual({
      url: "toy-p0000-0000.tar",
      md5sum: manifests[0]?.tar?.md5,
      nsamples: 3,
      filesize: manifests[0]?.tar?.bytes,
    });
    expect(first.join()).not.toContain("/secret");
    expect(JSON.parse(await text("build.json"))).toMatchObject({
      source: { name: "hub:owner/toy", revision: "f".repeat(40) },
      shards: 2,
      samples: 5,
      members: { packed: 5, failed: 2, skipped: 0 },
      toolchains: [{ shardmill: "0" }],
      files: [{ file: "toy-p0000-0000.tar", part: "p0000", samples: 3 }, { file: "toy-p0001-0000.tar" }],
    });

    await writeDatasetIndexes({ store, build: buildOf("video"), manifests, revisions });
    const second = await Promise.all(written.map((path) => readFile(join(folder.path, path), "utf8")));
    expect(second).toEqual(first);
    expect((await verifyPath(join(folder.path, "toy"), { deep: false }, never)).problems).toEqual([]);
  });

  it("tell the Hub to take the tars for the data only where every sample has the same fields", async () => {
    await using folder = await tempFolder();
    const { records, store } = await openToy(folder.path);
    await commitToy(records, "toy-p0000-0000", { frames: 1 });
    const readme = async (media: "video" | "images"): Promise<string> => {
      const manifests = await records.listManifests();
      await writeDatasetIndexes({ store, build: buildOf(media), manifests, revisions });
      return readFile(join(folder.path, "toy/README.md"), "utf8");
    };
    expect(await readme("images")).toContain(
      'configs:\n  - config_name: default\n    data_files:\n      - split: train\n        path: "*.tar"\n',
    );
    expect(await readme("video")).not.toContain("configs:");
    expect(await readme("video")).toContain("Clips have different numbers of frames, so");
    expect(await readme("video")).toMatch(
      /^---\npretty_name: "A \\"toy\\": dataset"\nlicense: cc-by-4.0\n---\n/,
    );
    await commitToy(records, "toy-p0001-0000", { frames: 2 });
    expect(await readme("images")).not.toContain("configs:");
    expect(await readme("images")).toContain("Samples have different numbers of pictures, so");
  });
});
