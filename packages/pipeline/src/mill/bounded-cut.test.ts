import { type ClipSpan, datasetSchema, defaultRecipe, type MediaPool } from "@shardmill/core";
import { expect, it } from "vitest";
import type { BuildContext } from "../context/build-context.ts";
import { makeSample } from "./make-sample.ts";

const dataset = datasetSchema.parse({
  ...{ name: "x", title: "x", keyPrefix: "x", sourceName: "x", license: "x" },
  source: { kind: "folder" },
  parts: [{ archive: "zip", path: "x{part}.zip" }],
  media: "video",
  annotations: { kind: "files", files: [{ path: "x.csv", format: "csv" }], key: "name" },
  text: { adapter: "caption" },
  bounds: { start: "start", end: "end" },
});

/** Stretches of a member that is itself a stretch of a longer file. */
async function decoded(cut: ClipSpan, ...bounds: readonly (readonly [number | null, number | null])[]) {
  const asked: ClipSpan[] = [];
  const pool = {
    size: 1,
    spans: async (_clip: unknown, { spans }: { spans: readonly ClipSpan[] }) => {
      asked.push(...spans);
      const info = { durationS: 1, width: 8, height: 8, fps: 25, codec: "h264" };
      const clip = {
        kind: "frames",
        frames: [Buffer.from("jpeg")],
        timesS: [0],
        info,
        wanted: 1,
        decoded: 1,
      };
      const clips = spans.map(() => ({ ...clip, complete: true, decodeErrors: 0, remarks: [] }));
      return { kind: "spans", clips, seconds: 0, attempts: 1 };
    },
  } as unknown as MediaPool;
  const records = bounds.map(([start, end], at) => ({ set: "x", fields: { caption: `${at}`, start, end } }));
  const outcome = await makeSample(
    { dataset, build: { recipe: { ...defaultRecipe, records: "each" } } } as BuildContext,
    { subset: null, part: 0, archive: "zip", pieces: [] },
    {
      kind: "work",
      planned: { position: 0, name: "long.mp4", at: { span: cut }, records },
      streamed: {
        kind: "member",
        name: "long.mp4",
        position: 0,
        sizeBytes: 6,
        content: { kind: "file", bytes: Buffer.from("a clip") },
      },
    } as unknown as Parameters<typeof makeSample>[2],
    { pool, texts: null, signal: new AbortController().signal },
  );
  const told = outcome.samples.map(({ members }) => {
    const { start, end } = JSON.parse(Buffer.from(members.at(-1)?.bytes ?? []).toString());
    return [start, end];
  });
  return { asked, told };
}

it("are counted from where the member begins in its file, and do not go beyond its end", async () => {
  const cut = { startS: 10, endS: 13 };
  expect(await decoded(cut, [1, 2], [2, 9], [null, null], [0.5, null])).toEqual({
    asked: [
      { startS: 11, endS: 12 },
      { startS: 12, endS: 13 },
      { startS: 10, endS: 13 },
      { startS: 10.5, endS: 13 },
    ],
    // Of the member, as its records have them.
    told: [
      [1, 2],
      [2, 9],
      [null, null],
      [0.5, null],
    ],
  });
});

it("of a member that goes on to the end of its file end where their records say", async () => {
  const { asked } = await decoded({ startS: 10, endS: null }, [1, 2], [null, null]);
  expect(asked).toEqual([
    { startS: 11, endS: 12 },
    { startS: 10, endS: null },
  ]);
});
