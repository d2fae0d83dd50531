import {
  type ClipSpan,
  datasetSchema,
  defaultRecipe,
  type MediaPool,
  type PlannedMember,
} from "@shardmill/core";
import { expect, it } from "vitest";
import type { BuildContext } from "../context/build-context.ts";
import { cutOf, sharedCuts } from "../stream/shared-cuts.ts";
import { makeSample } from "./make-sample.ts";

const dataset = datasetSchema.parse({
  ...{ name: "x", title: "x", keyPrefix: "x", sourceName: "x", license: "x" },
  source: { kind: "folder" },
  parts: [{ archive: "zip", path: "x{part}.zip" }],
  media: "video",
  annotations: { kind: "files", files: [{ path: "x.csv", format: "csv" }], key: "name" },
  text: { adapter: "caption" },
});

const member = (position: number, path: string, startS: number): PlannedMember => ({
  position,
  name: `split_${position}.mp4`,
  at: { prefix: "cut/", path, span: { startS, endS: startS + 2 } },
  records: [{ set: "x", fields: { caption: `${position}` } }],
});

/** A pool that says of each stretch, in its one frame, where it begins; those of `spoilt` lack frames. */
function counting(spoilt: readonly number[] = []) {
  const decodes: ClipSpan[][] = [];
  const pool = {
    size: 1,
    spans: async (_clip: unknown, { spans }: { spans: readonly ClipSpan[] }) => {
      decodes.push([...spans]);
      const info = { durationS: 2, width: 8, height: 8, fps: 25, codec: "h264" };
      const clips = spans.map(({ startS }) => {
        const complete = !spoilt.includes(startS);
        return {
          kind: "frames",
          frames: [Buffer.from(`at ${startS}`)],
          timesS: [0],
          info,
          complete,
          remarks: [],
        };
      });
      return { kind: "spans", clips, seconds: 0, attempts: 1 };
    },
  } as unknown as MediaPool;
  return { pool, decodes };
}

async function shown(pool: MediaPool, members: readonly PlannedMember[]): Promise<string[]> {
  const cuts = sharedCuts(members);
  const made = members.map(async (planned) => {
    const outcome = await makeSample(
      { dataset, build: { recipe: defaultRecipe } } as BuildContext,
      { subset: null, part: 9000, archive: "roots", pieces: [] },
      {
        planned,
        streamed: {
          kind: "member",
          name: planned.name,
          position: planned.position,
          sizeBytes: 6,
          content: { kind: "file", bytes: Buffer.from("a clip"), cuts: cuts.get(planned) ?? [] },
        },
      },
      { pool, texts: null, signal: new AbortController().signal },
    );
    return Buffer.from(outcome.samples[0]?.members[0]?.bytes ?? []).toString();
  });
  return Promise.all(made);
}

it("stretches of a root's file that are members of one shard are decoded in one go, each as it is alone", async () => {
  const members = Array.from({ length: 20 }, (_, at) => member(at * 2, "long.mp4", at * 3));
  const others = members.map(({ position }) => member(position + 1, `other_${position}.mp4`, 1));
  const { pool, decodes } = counting();
  const mixed = members.flatMap((one, at) => [one, others[at] ?? one]);
  expect((await shown(pool, mixed)).filter((_, at) => at % 2 === 0)).toEqual(
    members.map((one) => `at ${cutOf(one)?.startS}`),
  );
  expect(decodes.filter((spans) => spans.length > 1)).toEqual([members.map((one) => cutOf(one))]);
  expect(decodes).toHaveLength(21);
});

it("what is lacking of one is looked for alone, so that it does not depend on its neighbours", async () => {
  const members = [0, 10, 20].map((startS, at) => member(at, "long.mp4", startS));
  const { pool, decodes } = counting([10]);
  expect(await shown(pool, members)).toEqual(["at 0", "at 10", "at 20"]);
  expect(decodes.map((spans) => spans.map(({ startS }) => startS))).toEqual([[0, 10, 20], [10]]);
});

it("as many as a decode of this size should hold, and none that are far ahead, share one", () => {
  const near = Array.from({ length: 33 }, (_, at) => member(at, "long.mp4", at));
  const lists = sharedCuts(near);
  expect(new Set(lists.values()).size).toBe(2);
  expect(lists.get(near[0] as PlannedMember)).toHaveLength(32);
  const far = [
    member(0, "long.mp4", 0),
    ...near.map(({ position }) => member(position + 1, `${position}.mp4`, 0)),
  ];
  const spread = [...far, ...Array.from({ length: 256 }, (_, at) => member(100 + at, `f${at}.mp4`, 0))];
  const last = member(999, "long.mp4", 5);
  expect(sharedCuts([...spread, last]).get(last)).toEqual([cutOf(last)]);
});
