import type { FileIdentity } from "@shardmill/core";
import { expect, it } from "vitest";
import { commitBatches } from "./commit-batches.ts";
import { compareTree } from "./compare-tree.ts";
import type { WantedFile } from "./wanted-file.ts";
import { placeOfShards } from "./wanted-files.ts";

const lists = ["README.md", "shardlist.txt", ".nv-meta/dataset-typed.yaml"];
const target = { dataset: "toy", lists, subsets: new Set(["ai2d", "图像"]) };

function wanted(path: string, more: Partial<WantedFile> = {}): WantedFile {
  const isList = lists.includes(path);
  return { path, isList, sizeBytes: 1, sha256: `sha of ${path}`, oid: null, async *open() {}, ...more };
}

function found(path: string, more: Partial<FileIdentity> = {}): FileIdentity {
  return { path, sizeBytes: 1, sha256: `sha of ${path}`, oid: "of a pointer", ...more };
}

it("sends what is lacking or another, by the sha256, and by git's own name for what git keeps", () => {
  const files = [
    wanted("toy-p0000-0000.tar"),
    wanted("toy-p0000-0001.tar"),
    wanted("toy-p0000-0002.tar"),
    wanted("README.md", { oid: "text" }),
    wanted("shardlist.txt", { oid: "new" }),
  ];
  const tree = [
    found("toy-p0000-0000.tar"),
    found("toy-p0000-0001.tar", { sha256: "other" }),
    found("README.md", { sha256: null, oid: "text" }),
    found("shardlist.txt", { sha256: null, oid: "old" }),
  ];
  const { send, there } = compareTree(files, tree, target);
  expect(there.map(({ path }) => path)).toEqual(["toy-p0000-0000.tar", "README.md"]);
  expect(send.map(({ path }) => path)).toEqual(["toy-p0000-0001.tar", "toy-p0000-0002.tar", "shardlist.txt"]);
});

it("removes what this output's pushes have left, and nothing that is somebody's own", () => {
  const ours = [
    "toy-p0000-0009.tar",
    "toy-p0000-0009.tar.idx",
    "dali/toy-p0000-0009.idx",
    "toy-p0000-r01.tar",
    "toy-ai2d-p0000-0009.tar",
    "toy-图像-p0000-0009.tar",
    "p0000-0/toy-p0000-0009.tar",
    "dali/ai2d-p0000-r/toy-ai2d-p0000-r01.idx",
    ".nv-meta/dataset-typed.yaml",
  ];
  const theirs = [
    ".gitattributes",
    "LICENSE",
    "toy.tar",
    "toy-notes.tar",
    "toys-p0000-0009.tar",
    "toy-p0000-0009.zip",
    "backup/toy-p0000-0009.tar",
    "other-p0000-0009.tar",
    "toy-try-p0000-0009.tar",
    "try-p0000-0/toy-ai2d-p0000-0009.tar",
    "a/p0000-0/toy-p0000-0009.tar",
  ];
  const tree = [...ours, ...theirs, "README.md"].map((path) => found(path));
  const { remove, others } = compareTree([wanted("README.md")], tree, target);
  expect(remove).toEqual([...ours].sort());
  expect(others).toEqual(theirs.filter((path) => path.endsWith(".tar")).sort());
});

it("commits at most fifty files, lists when all shards are there, and removes last", () => {
  const shards = Array.from({ length: 120 }, (_, at) =>
    wanted(`toy-p0000-${String(at).padStart(4, "0")}.tar`),
  );
  const send = [...shards, wanted("README.md"), wanted("shardlist.txt")];
  const remove = Array.from({ length: 70 }, (_, at) => `gone-${at}`);
  const batches = commitBatches({ send, remove });
  expect(batches.map(({ files, remove: gone }) => [files.length, gone.length])).toEqual([
    [50, 0],
    [50, 0],
    [20, 0],
    [2, 48],
    [0, 22],
  ]);
  expect(batches.flatMap(({ files }) => files)).toEqual(send);
  expect(batches.flatMap((batch) => batch.remove)).toEqual(remove);
  expect(commitBatches({ send: [], remove: [] })).toEqual([]);
});

it("puts shards into folders from three thousand on, by part and range, so that later ones move none", () => {
  expect(placeOfShards("toy", 2_999).placeOf("toy-p0000-0000")).toBe("toy-p0000-0000.tar");
  const { placeOf, pattern } = placeOfShards("toy", 3_000);
  expect(pattern).toBe("*/*.tar");
  expect(
    ["toy-p0073-0000", "toy-p0073-0999", "toy-p0073-1000", "toy-p0073-r01", "toy-ai2d-p0000-12345"].map(
      placeOf,
    ),
  ).toEqual([
    "p0073-0/toy-p0073-0000.tar",
    "p0073-0/toy-p0073-0999.tar",
    "p0073-1/toy-p0073-1000.tar",
    "p0073-r/toy-p0073-r01.tar",
    "ai2d-p0000-12/toy-ai2d-p0000-12345.tar",
  ]);
});
