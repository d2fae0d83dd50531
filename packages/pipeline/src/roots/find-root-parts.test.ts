import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countLines, type FileIdentity, type PartPlan, systemClock } from "@shardmill/core";
import { openRecords, openStore } from "@shardmill/store";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  aBuildRecord,
  aDataset,
  aLeftOutLine,
  aListedPart,
  aPlan,
  toyHash,
} from "../../../core/testing/records.ts";
import { closeAnnotationIndexes } from "../annotations/annotation-index.ts";
import { recordSourceNow } from "../build/look-at-source.ts";
import type { BuildContext } from "../context/build-context.ts";
import { findRootParts } from "./find-root-parts.ts";
import { readRootListing } from "./root-content.ts";

/** Two subsets, each with a part that has been read, and media of both in one of the user's folders. */
const signal = new AbortController().signal;
const captions = new Map<string, string>();
const indexed: string[] = [];
let out: string;
let roots: string;
let context: BuildContext;

const identity = (path: string): FileIdentity => ({
  path,
  sizeBytes: captions.get(path)?.length ?? 0,
  sha256: null,
  oid: null,
  stamp: captions.get(path) ?? null,
});

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), "shardmill-out-"));
  roots = await mkdtemp(join(tmpdir(), "shardmill-roots-"));
  captions.clear();
  indexed.length = 0;
  captions.set("a.jsonl", '{"name": 7, "caption": "seven"}\n{"name": 8, "caption": "eight"}\n');
  captions.set("b.jsonl", '{"name": "7", "caption": "seven"}\n{"name": 9, "caption": "nine"}\n');
  for (const name of ["7", "8", "9"]) await writeFile(join(roots, name), `video ${name}`);
  context = await contextNow();
  for (const subset of ["a", "b"]) {
    await context.records.writePlan(planOf(subset, 0), []);
    await context.records.writePlanLedger({ subset, part: 0 }, [aLeftOutLine({ member: "7" })]);
  }
});
afterEach(async () => {
  await closeAnnotationIndexes(context);
  await rm(out, { recursive: true, force: true });
  await rm(roots, { recursive: true, force: true });
});

async function contextNow(): Promise<BuildContext> {
  const store = await openStore(out);
  const subsets = ["a", "b"];
  const build = aBuildRecord({
    dataset: aDataset({
      parts: [{ archive: "zip", path: "{subset}{part}.zip" }],
      annotations: { kind: "files", files: [{ path: "{subset}.jsonl", format: "jsonl" }], key: "name" },
    }),
    annotationFiles: subsets.map((subset) => ({
      file: identity(`${subset}.jsonl`),
      subset,
      set: "records",
      format: "jsonl",
    })),
    parts: subsets.map((subset) => aListedPart({ subset })),
    selected: subsets.map((subset) => ({ subset, part: 0 })),
    asked: { everything: false, parts: subsets.map((subset) => ({ subset, part: 0 })) },
  });
  const source = {
    name: "folder:toy",
    revision: null,
    list: () => [] as never,
    look: (path: string) => Promise.resolve(identity(path)),
    open: ({ path, sizeBytes }: FileIdentity) => ({
      name: path,
      sizeBytes,
      async *read({ start, end }: { start: number; end: number }) {
        if (start === 0) indexed.push(path);
        yield Buffer.from((captions.get(path) ?? "").slice(start, end));
      },
    }),
  };
  const surroundings = { outRoot: out, clock: systemClock, worker: "test", roots: { "": roots } };
  const records = openRecords(store, "toy");
  return { build, dataset: build.dataset, source, store, records, surroundings } as never;
}

function planOf(subset: string, part: number): PartPlan {
  return aPlan({
    subset,
    part,
    archive: part === 0 ? "zip" : "roots",
    members: 1,
    leftOut: countLines([aLeftOutLine()]),
    annotationsUsed: 0,
  });
}

const rootPart = aListedPart({ subset: "a", part: 9000, archive: "roots" });

it("a medium that records name by a number is known to lie in a part, and taken from no root", async () => {
  const { build, unread } = await findRootParts(context, signal);
  expect(unread).toEqual([]);
  expect(build.parts.filter(({ archive }) => archive === "roots").map(({ subset }) => subset)).toEqual([
    "a",
    "b",
  ]);
  const { media } = await readRootListing(context, rootPart, signal);
  expect(media.map((one) => one.media)).toEqual(["8"]);
});

it("a subset whose annotations cannot be read has no root parts and is told; the other has its own", async () => {
  captions.set("a.jsonl", "broken\n");
  context = await contextNow();
  const { build, unread } = await findRootParts(context, signal);
  expect(build.parts.filter(({ archive }) => archive === "roots")).toMatchObject([{ subset: "b" }]);
  expect(unread).toMatchObject([{ subset: "a", failure: { code: "annotations_invalid" } }]);
});

it("a ledger that cannot be read is no reason to stop either", async () => {
  await writeFile(join(out, "toy/.shardmill/ledger/toy-b-p0000-plan.jsonl"), "broken\n");
  const { build, unread } = await findRootParts(context, signal);
  expect(build.parts.filter(({ archive }) => archive === "roots")).toMatchObject([{ subset: "a" }]);
  expect(unread).toMatchObject([{ subset: "b", failure: { code: "record_invalid" } }]);
});

it("a look at the source goes on over annotations that cannot be read, and reads them once for all root parts", async () => {
  captions.set("a.jsonl", "broken\n");
  context = await contextNow();
  const parts = [...context.build.parts, rootPart, { ...rootPart, part: 9001 }];
  const view = { ...context, build: { ...context.build, parts } };
  const plans = [planOf("a", 9000), planOf("a", 9001)];
  const { parts: now } = await recordSourceNow(view, plans, signal);
  expect(now.slice(2)).toMatchObject([{ now: { contentId: toyHash } }, { now: { contentId: toyHash } }]);
  const readsOf = async (looked: readonly PartPlan[]): Promise<number> => {
    indexed.length = 0;
    await recordSourceNow({ ...view, build: { ...view.build } }, looked, signal);
    return indexed.filter((path) => path === "a.jsonl").length;
  };
  const reads = await readsOf(plans.slice(0, 1));
  expect(reads).toBeGreaterThan(0);
  expect(await readsOf(plans)).toBe(reads);
});
