import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type BuildRecord,
  type ByteSource,
  type FileIdentity,
  type PartPlan,
  systemClock,
} from "@shardmill/core";
import { openRecords, openStore } from "@shardmill/store";
import { afterEach, beforeEach, expect, it } from "vitest";
import { aBuildRecord, aDataset, aListedPart, aPlan } from "../../../core/testing/records.ts";
import { annotationIdentityOf } from "../annotations/annotation-identity.ts";
import { staleReasons } from "../books/stale-reasons.ts";
import { keptOf } from "../context/file-content.ts";
import { contentIdOf } from "../plan/part-content.ts";
import { recordSourceNow } from "./look-at-source.ts";

/** What a look at a folder costs, and what it says: files in memory, whose reading is counted. */
const signal = new AbortController().signal;
const files = new Map<string, { text: string; stamp: string | null }>();
const reads: string[] = [];
let folder: string;

const identity = (path: string): FileIdentity | null => {
  const file = files.get(path);
  return file === undefined
    ? null
    : { path, sizeBytes: file.text.length, sha256: null, oid: null, stamp: file.stamp };
};
const source = {
  name: "folder:toy",
  revision: null,
  async *list() {
    for (const path of files.keys()) yield identity(path) as FileIdentity;
  },
  open: ({ path, sizeBytes }: FileIdentity): ByteSource => ({
    name: path,
    sizeBytes,
    async *read({ start, end }) {
      reads.push(path);
      yield Buffer.from((files.get(path)?.text ?? "").slice(start, end));
    },
  }),
  look: (path: string) => Promise.resolve(identity(path)),
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "shardmill-look-"));
  files.clear();
  files.set("toy0.tar", { text: "an archive", stamp: "1" });
  files.set("a.csv", { text: "captions of a", stamp: "1" });
  files.set("b.csv", { text: "captions of b", stamp: "1" });
  reads.length = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function buildNow(): BuildRecord {
  const piece = identity("toy0.tar");
  return aBuildRecord({
    dataset: aDataset({
      parts: [{ archive: "tar", path: "toy{part}.tar" }],
      media: "images",
      annotations: { kind: "files", files: [{ path: "{subset}.csv", format: "csv" }], key: "name" },
    }),
    annotationFiles: ["a", "b"].flatMap((subset) => {
      const file = identity(`${subset}.csv`);
      return file === null ? [] : [{ file, subset, set: "records", format: "csv" as const }];
    }),
    parts: ["a", "b"].map((subset) =>
      aListedPart({ subset, archive: "tar", pieces: piece === null ? [] : [piece] }),
    ),
  });
}

async function viewNow() {
  const build = buildNow();
  const store = await openStore(folder);
  const surroundings = {
    outRoot: folder,
    hubEndpoint: "",
    hubToken: null,
    gate: { enter: async () => undefined },
    clock: systemClock,
    worker: "test",
  };
  const view = { build, dataset: build.dataset, source, store, records: openRecords(store, "toy") };
  return { ...view, surroundings: surroundings as never, tokenizer: null };
}

async function plansNow(): Promise<PartPlan[]> {
  const view = await viewNow();
  return Promise.all(
    view.build.parts.map(async ({ subset, part, archive, pieces }) => {
      const annotations = await annotationIdentityOf(view, subset, signal);
      return aPlan({
        subset,
        part,
        archive,
        pieces,
        contentId: await contentIdOf(view, { archive, pieces }, signal),
        annotationsId: annotations.id,
        annotationFiles: [...annotations.files],
        recipeHash: view.build.recipeHash,
        annotationsUsed: 0,
      });
    }),
  );
}

async function reasons(plans: readonly PartPlan[]): Promise<string[][]> {
  const build = await recordSourceNow(await viewNow(), plans, signal);
  return build.parts.map((part, at) =>
    staleReasons(part, build, plans[at] as PartPlan).map(({ detail }) => detail),
  );
}

it("reads nothing of files that have the stamps they were planned with, and a file with another stamp once", async () => {
  const plans = await plansNow();
  reads.length = 0;
  expect(await reasons(plans)).toEqual([[], []]);
  expect(reads).toEqual([]);
  files.set("toy0.tar", { text: "an archive", stamp: "2" });
  expect(await reasons(plans)).toEqual([[], []]);
  expect(await reasons(plans)).toEqual([[], []]);
  expect(reads).toEqual(["toy0.tar"]);
});

it("names the file that changed, for the parts that it concerns", async () => {
  const plans = await plansNow();
  files.set("b.csv", { text: "captions of c", stamp: "2" });
  expect(await reasons(plans)).toEqual([[], ["b.csv changed"]]);
  files.set("toy0.tar", { text: "an arch1ve", stamp: "2" });
  files.delete("a.csv");
  expect(await reasons(plans)).toEqual([
    ["toy0.tar changed", "a.csv is no longer there"],
    ["toy0.tar changed", "b.csv changed"],
  ]);
});

it("does not trust a stamp that was taken within a tick of a change", async () => {
  files.set("toy0.tar", { text: "an archive", stamp: null });
  const plans = await plansNow();
  // Changed again within the tick: the same size, and no stamp that tells.
  files.set("toy0.tar", { text: "an arch1ve", stamp: null });
  expect(await reasons(plans)).toEqual([["toy0.tar changed"], ["toy0.tar changed"]]);
});

it("takes a file that settles while it is read for the same, and one with another stamp for a changed one", async () => {
  const view = await viewNow();
  const kept = (stamp: string | null) => {
    files.set("toy0.tar", { text: "an archive", stamp });
    const [piece] = view.build.parts[0]?.pieces ?? [];
    return keptOf(view, "zip", piece === undefined ? [] : [piece], async () => {
      files.set("toy0.tar", { text: "an archive", stamp: "2" });
      return "its hash";
    });
  };
  expect(await kept(null)).toBe("its hash");
  await expect(kept("1")).rejects.toMatchObject({ code: "source_changed" });
});
