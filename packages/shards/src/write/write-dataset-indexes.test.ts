import { execFileSync } from "node:child_process";
import { readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { type BuildRecord, composeRecipe, type Recipe } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { aBuildRecord, aDataset } from "../../../core/testing/records.ts";
import { commitToy, makeShard, never, openToy, tempFolder } from "../../testing/make-shard.ts";
import { verifyPath } from "../verify/verify-path.ts";
import { writeDatasetIndexes } from "./write-dataset-indexes.ts";

const revisions = new Map<string, string>();

function buildOf(media: "video" | "images", recipe?: Recipe): BuildRecord {
  return aBuildRecord({
    ...(recipe === undefined ? {} : { recipe }),
    dataset: aDataset({ title: 'A "toy": dataset', bibtex: "@misc{toy}", media }),
    source: { kind: "hub", name: "hub:owner/toy", revision: "f".repeat(40), location: "/secret" },
  });
}

describe("the index files of a dataset", () => {
  it("are to validate with where it is for evaluation", async () => {
    await using folder = await tempFolder();
    const { records, store } = await openToy(folder.path);
    await commitToy(records, "toy-p0000-0000", { from: 0 });
    const build = buildOf("video");
    const manifests = await records.listManifests();
    const evaluated = { ...build, dataset: { ...build.dataset, purpose: "eval" as const } };
    await writeDatasetIndexes({ store, build: evaluated, manifests, revisions });
    expect(await readFile(join(folder.path, "toy/.nv-meta/split.yaml"), "utf8")).toBe(
      'split_parts:\n  train: []\n  val:\n  - "toy-p0000-0000.tar"\n  test: []\nexclude: []\n',
    );
  });

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

  it("speak of pictures where there are pictures, and of frames where there are clips", async () => {
    await using folder = await tempFolder();
    const { records } = await openToy(folder.path);
    await commitToy(records, "toy-p0000-0000", { frames: 1 });
    const one = await published(folder.path, buildOf("images"));
    expect(one["README.md"]).toContain("3 samples with a picture each in 1 WebDataset shards");
    await commitToy(records, "toy-p0001-0000", { frames: 3 });
    const many = await published(folder.path, buildOf("images"));
    expect(many["README.md"]).toContain("6 samples with 12 pictures in 2 WebDataset shards");
    for (const readme of [one["README.md"], many["README.md"]])
      expect(readme).not.toMatch(/\bclips?\b|\bframes?\b/i);
    const clips = await published(folder.path, buildOf("video"));
    expect(clips["README.md"]).toContain("6 samples with 12 frames in 2 WebDataset shards");
    expect(clips["README.md"]).not.toMatch(/\bpictures? each\b/);
  });
});

it("the card is not spoiled by titles, licences and BibTeX that are markup", async () => {
  await using folder = await tempFolder();
  const { records } = await openToy(folder.path);
  await commitToy(records, "toy-p0000-0000", { frames: 1 });
  const { dataset, ...build } = buildOf("images");
  const evil = "</script><script>alert(1)</script>\n# x\n- `y` | \u202e[a](javascript:b)";
  const hostile = { ...dataset, title: evil, license: evil, description: evil, bibtex: "@a{x}\n```\n# y" };
  const readme = (await published(folder.path, { ...build, dataset: hostile }))["README.md"] ?? "";
  const [, front = "", text = ""] = readme.split(/^---$/m);
  expect(front).toMatch(/^\npretty_name: "[^\n]*"\nlicense: other\n/);
  const [prose = "", bibtex] = text.split("````bibtex\n");
  expect(prose).not.toMatch(/<script|^# x|^- |\u202e|[^\\]\[a\]/m);
  expect(bibtex).toBe("@a{x}\n```\n# y\n````\n");
});

describe("Energon's typed config", () => {
  it("makes a picture and its caption a CaptioningSample, and leaves the crude one as it is", async () => {
    await using folder = await tempFolder();
    const { records } = await openToy(folder.path);
    await commitToy(records, "toy-p0000-0000", { frames: 1 });
    const files = await published(folder.path, buildOf("images"));
    expect(files[".nv-meta/dataset-typed.yaml"]).toBe(
      "sample_type:\n  __module__: megatron.energon\n  __class__: CaptioningSample\n" +
        "field_map:\n  image: jpg\n  caption: json[caption]\n",
    );
    expect(files[".nv-meta/dataset.yaml"]).toBe("__module__: megatron.energon\n__class__: CrudeWebdataset\n");
    expect(files["README.md"]).toContain("`CaptioningSample`");
    expect(files["README.md"]).toContain("--dataset-config dataset-typed.yaml");
  });

  it("names functions of its own loader for clips, and goes with it where the recipe leaves no caption", async () => {
    await using folder = await tempFolder();
    const { records } = await openToy(folder.path);
    await commitToy(records, "toy-p0000-0000");
    const files = await published(folder.path, buildOf("video"));
    const typed = files[".nv-meta/dataset-typed.yaml"] ?? "";
    expect(typed).toContain("sample_type:\n  __module__: megatron.energon\n  __class__: InterleavedSample\n");
    for (const role of ["sample_loader", "part_filter"]) {
      const [, file, name] = new RegExp(`^${role}: (.*):(.*)$`, "m").exec(typed) ?? [];
      expect(files[`.nv-meta/${file}`]).toContain(`def ${name}(`);
    }
    expect(files["README.md"]).toContain("`InterleavedSample`");

    const tokens = await published(folder.path, buildOf("video", tokensAlone()));
    expect(Object.keys(tokens).filter((name) => name.startsWith(".nv-meta/"))).toEqual([
      ".nv-meta/.info.json",
      ".nv-meta/split.yaml",
      ".nv-meta/dataset.yaml",
    ]);
    expect((await readdir(join(folder.path, "toy/.nv-meta"))).toSorted()).toEqual([
      ".info.json",
      "dataset.yaml",
      "split.yaml",
    ]);
    expect(tokens["README.md"]).not.toContain("typed");
  });

  it.skipIf(!hasPython())(
    "has a loader that Python takes: the pictures in order, then the caption",
    async () => {
      await using folder = await tempFolder();
      const { records } = await openToy(folder.path);
      await commitToy(records, "toy-p0000-0000", { frames: 11 });
      await published(folder.path, buildOf("video"));
      const program = `
import json, sys, tarfile
code = {}
exec(compile(open(sys.argv[1] + "/.nv-meta/interleaved_loader.py").read(), "loader", "exec"), code)
raw = {"__key__": "toy-p0000-000000", "__sources__": ()}
for member in tarfile.open(sys.argv[1] + "/toy-p0000-0000.tar"):
    key, field = member.name.split(".", 1)
    if key == raw["__key__"] and code["part_filter"](field):
        raw[field] = field if field != "json" else {"caption": "what it shows"}
print(json.dumps([code["sample_loader"](raw), [code["part_filter"](part) for part in ("jpg", "txt", "x.jpg")]]))`;
      const out = execFileSync("python3", ["-c", program, join(folder.path, "toy")], { encoding: "utf8" });
      const frames = Array.from({ length: 11 }, (_, at) => `${String(at).padStart(3, "0")}.jpg`);
      expect(JSON.parse(out)).toEqual([
        { __key__: "toy-p0000-000000", sequence: [...frames, "what it shows"] },
        [true, false, false],
      ]);
    },
  );
});

describe("DALI's indexes", () => {
  it("lie where no glob for Energon's meets them", async () => {
    await using folder = await tempFolder();
    const { records } = await openToy(folder.path);
    await commitToy(records, "toy-p0000-0000");
    const idx = async (name: string): Promise<string[]> =>
      (await readdir(join(folder.path, name))).filter((file) => file.endsWith(".idx"));
    expect(await idx("toy")).toEqual(["toy-p0000-0000.tar.idx"]);
    expect(await idx("toy/dali")).toEqual(["toy-p0000-0000.idx"]);
  });

  it("of an older output are brought there, and go where their shard has been made again", async () => {
    await using folder = await tempFolder();
    const { records } = await openToy(folder.path);
    await commitToy(records, "toy-p0000-0000");
    await commitToy(records, "toy-p0001-0000");
    const at = (name: string): string => join(folder.path, "toy", name);
    const moved = await readFile(at("dali/toy-p0000-0000.idx"), "utf8");
    const kept = await readFile(at("dali/toy-p0001-0000.idx"), "utf8");
    await rename(at("dali/toy-p0000-0000.idx"), at("toy-p0000-0000.idx"));
    await records.store.put("toy/toy-p0001-0000.idx", "v1.2 0\n");
    await records.store.put("toy/mine.idx", "of somebody else");
    await published(folder.path, buildOf("video"));
    expect(await readFile(at("dali/toy-p0000-0000.idx"), "utf8")).toBe(moved);
    expect(await readFile(at("dali/toy-p0001-0000.idx"), "utf8")).toBe(kept);
    expect((await readdir(at(""))).filter((file) => file.endsWith(".idx"))).toEqual([
      "mine.idx",
      "toy-p0000-0000.tar.idx",
      "toy-p0001-0000.tar.idx",
    ]);
    expect((await verifyPath(at(""), { deep: false }, never)).problems).toEqual([]);
  });

  it("go with their shard, also where they lay before", async () => {
    await using folder = await tempFolder();
    const { records } = await openToy(folder.path);
    await commitToy(records, "toy-p0000-0000");
    await records.store.put("toy/toy-p0000-0000.idx", "v1.2 0\n");
    await records.removeShard("toy-p0000-0000");
    expect(await records.store.list("toy")).toEqual([]);
    expect(await records.store.list("toy/dali")).toEqual([]);
  });
});

/** What is written for the shards that there are: path in the dataset's folder, and text. */
async function published(root: string, build: BuildRecord): Promise<Record<string, string>> {
  const { records, store } = await openToy(root);
  const manifests = await records.listManifests();
  const written = await writeDatasetIndexes({ store, build, manifests, revisions });
  const files = written.map(async (path): Promise<[string, string]> => {
    return [path.slice("toy/".length), await readFile(join(root, path), "utf8")];
  });
  return Object.fromEntries(await Promise.all(files));
}

function tokensAlone(): Recipe {
  const composed = composeRecipe({}, ["text.format=tokens", "text.keepRaw=false"]);
  if (composed.kind !== "ok") throw new Error(composed.problems.join("; "));
  return composed.recipe;
}

function hasPython(): boolean {
  try {
    execFileSync("python3", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
