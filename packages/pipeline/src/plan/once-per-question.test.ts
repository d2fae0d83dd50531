import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FileIdentity, type PartId, partLabel, systemClock } from "@shardmill/core";
import { openRecords, openStore } from "@shardmill/store";
import { afterEach, beforeEach, expect, it } from "vitest";
import { writeZip } from "../../../archives/testing/zip-writer.ts";
import { aBuildRecord, aDataset, aListedPart } from "../../../core/testing/records.ts";
import { closeAnnotationIndexes } from "../annotations/annotation-index.ts";
import { staleReasons } from "../books/stale-reasons.ts";
import { recordSourceNow } from "../build/look-at-source.ts";
import type { BuildContext } from "../context/build-context.ts";
import { planPart } from "./plan-part.ts";

/** A benchmark whose zips share videos: three numbered, and two that the entry names, the second of which sorts first. */
const signal = new AbortController().signal;
const files = new Map<string, Buffer>();
let out: string;
let context: BuildContext;

const identity = (path: string): FileIdentity => ({
  path,
  sizeBytes: files.get(path)?.length ?? 0,
  sha256: null,
  oid: null,
  stamp: files.get(path)?.toString("base64").slice(-200) ?? null,
});

const put = (path: string, names: readonly string[]): void => {
  files.set(path, writeZip(names.map((name) => ({ name, data: Buffer.from(`video ${name}`) }))));
};
const asked = (video: string, question: string) => JSON.stringify({ video, question, answer: "b" });

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), "shardmill-once-"));
  files.clear();
  const lines = [asked("a.mp4", "1?"), asked("a.mp4", "2?"), asked("b.mp4", "3?"), asked("c.mp4", "4?")];
  // The same line twice is two questions of one video, and not one of two videos.
  files.set("questions.jsonl", Buffer.from([...lines, asked("c.mp4", "4?")].join("\n")));
  // A text that is called like a video takes none of its questions.
  put("v1.zip", ["c.mp4.txt", "x/a.mp4", "y/a.mp4"]);
  put("v2.zip", ["b.mp4", "a.mp4"]);
  put("old.zip", ["old/c.mp4", "old/b.mp4"]);
  put("new.zip", ["c.mp4"]);
  context = await contextNow();
});
afterEach(async () => {
  await closeAnnotationIndexes(context);
  await rm(out, { recursive: true, force: true });
});

const ids: readonly PartId[] = [
  { subset: null, part: 1 },
  { subset: null, part: 2 },
  { subset: "old", part: 0 },
  { subset: "new", part: 0 },
];
const fileOfPart = ({ subset, part }: PartId) => `${subset ?? `v${part}`}.zip`;

async function contextNow(purpose: "eval" | "train" = "eval"): Promise<BuildContext> {
  const store = await openStore(out);
  const build = aBuildRecord({
    dataset: aDataset({
      purpose,
      parts: [
        { archive: "zip", path: "v{part}.zip" },
        { archive: "zip", path: "{subset}.zip", subsets: ["old", "new"] },
      ],
      annotations: {
        kind: "files",
        files: [{ path: "questions.jsonl", format: "jsonl" }],
        key: "video",
        match: ["exact", "basename"],
        duplicates: "all",
      },
      text: { adapter: "question-answer" },
    }),
    annotationFiles: [{ file: identity("questions.jsonl"), subset: null, set: "records", format: "jsonl" }],
    parts: ids.map((id) => aListedPart({ ...id, archive: "zip", pieces: [identity(fileOfPart(id))] })),
    selected: [...ids],
    asked: { everything: true, parts: [...ids] },
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
        yield (files.get(path) ?? Buffer.of()).subarray(start, end);
      },
    }),
  };
  const surroundings = { outRoot: out, clock: systemClock, worker: "test", roots: {} };
  return {
    build,
    dataset: build.dataset,
    source,
    store,
    records: openRecords(store, "toy"),
    surroundings,
  } as never;
}

/** Of each part: what is asked of its members, and the members that are left out for it. */
async function planned(id: PartId) {
  const { plan, members, leftOut } = await planPart(context, id, signal);
  const made: string[] = [];
  for await (const range of members)
    for (const { name, records } of range)
      made.push(`${name} ${records.map(({ fields }) => fields.question).join(" ")}`);
  const twice = leftOut.filter(({ code }) => code === "media_twice");
  return { plan, made, twice: twice.map(({ member, detail }) => `${member}: ${detail}`) };
}

async function all(): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const id of ids) found[partLabel(id)] = (await planned(id)).made;
  return found;
}

it("a question is asked of one member, the first of the first part, and the others are told", async () => {
  expect(await all()).toEqual({
    p0001: ["x/a.mp4 1? 2?"],
    p0002: ["b.mp4 3?"],
    "old-p0000": ["old/c.mp4 4? 4?"],
    "new-p0000": [],
  });
  const [first, second, old, newer] = [...(await Promise.all(ids.map(planned)))];
  expect(first?.twice).toEqual(["y/a.mp4: its questions are asked of x/a.mp4, which comes first"]);
  expect(second?.twice).toEqual(["a.mp4: its questions are asked of part p0001, which comes first"]);
  expect(old?.twice).toEqual(["old/b.mp4: its questions are asked of part p0002, which comes first"]);
  expect(newer?.twice).toEqual(["c.mp4: its questions are asked of part old-p0000, which comes first"]);
});

it("a part is the same whichever others were planned before it", async () => {
  const alone = await planned({ subset: null, part: 2 });
  await closeAnnotationIndexes(context);
  context = await contextNow();
  await all();
  expect(await planned({ subset: null, part: 2 })).toEqual(alone);
});

it("is stale when what comes before it is another, and then has what that gave up; nothing behind it counts", async () => {
  const plans = await Promise.all(ids.map(async (id) => (await planned(id)).plan));
  const stale = async (): Promise<string[]> => {
    await closeAnnotationIndexes(context);
    context = await contextNow();
    const now = await recordSourceNow(context as never, plans, signal);
    return plans.flatMap((plan, at) => {
      const part = now.parts[at];
      return part === undefined || staleReasons(part, now, plan).length === 0 ? [] : [partLabel(plan)];
    });
  };
  expect(await stale()).toEqual([]);
  put("new.zip", ["c.mp4", "d.mp4"]);
  expect(await stale()).toEqual(["new-p0000"]);
  put("v1.zip", ["x/d.mp4"]);
  expect(await stale()).toEqual(["p0001", "p0002", "old-p0000", "new-p0000"]);
  expect((await planned({ subset: null, part: 2 })).made).toEqual(["b.mp4 3?", "a.mp4 1? 2?"]);
});

it("an archive that cannot be read keeps no question from the next", async () => {
  files.set("v1.zip", Buffer.from("no zip at all"));
  context = await contextNow();
  expect((await planned({ subset: null, part: 2 })).made).toEqual(["b.mp4 3?", "a.mp4 1? 2?"]);
});

it("a training set has what each of its archives has", async () => {
  context = await contextNow("train");
  const { plan, made, twice } = await planned({ subset: null, part: 2 });
  expect([made, twice, plan.earlier]).toEqual([["b.mp4 3?", "a.mp4 1? 2?"], [], undefined]);
});
