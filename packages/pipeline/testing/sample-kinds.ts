import {
  type Dataset,
  datasetSchema,
  type MediaPool,
  type Recipe,
  recipeSchema,
  type StreamedMember,
  type TextPool,
} from "@shardmill/core";
import { smallTokenizer } from "../../text/testing/small-tokenizer.ts";
import type { BuildContext } from "../src/context/build-context.ts";
import { makeSample, type OfPart } from "../src/mill/make-sample.ts";
import type { Outcome } from "../src/mill/outcome.ts";

export const signal = new AbortController().signal;
export const tokenizerFiles = smallTokenizer(
  "What is asked of the picture, and what is answered by the model? Good, bad.",
);

const picture = (text: string) => Buffer.from(`made of ${text}`);
/** What it makes says of what it was made. */
export const making: MediaPool = {
  size: 1,
  frames: async ({ name }) => ({
    kind: "frames",
    frames: [picture(`${name} 0`), picture(`${name} 1`)],
    timesS: [0, 1],
    info: { durationS: 2, width: 64, height: 48, fps: 25, codec: "h264" },
    wanted: 2,
    decoded: 2,
    complete: true,
    decodeErrors: 0,
    remarks: [],
    seconds: 0,
    attempts: 1,
  }),
  spans: async ({ name }) => Promise.reject(new Error(`stretches of ${name} were asked for`)),
  image: async ({ bytes }) => ({
    kind: "image",
    jpeg: picture(Buffer.from(bytes).toString("hex")),
    width: 8,
    height: 6,
    attempts: 1,
  }),
  close: async () => undefined,
};
export const refusing: MediaPool = {
  size: 1,
  frames: async ({ name }) => Promise.reject(new Error(`the frames of ${name} were asked for`)),
  spans: async ({ name }) => Promise.reject(new Error(`stretches of ${name} were asked for`)),
  image: async ({ name }) => Promise.reject(new Error(`the picture of ${name} was asked for`)),
  close: async () => undefined,
};

export interface Kind {
  readonly entry: Record<string, unknown>;
  readonly part: Partial<OfPart>;
  readonly content: Extract<StreamedMember, { kind: "member" }>["content"];
  readonly records: readonly Record<string, unknown>[];
}

export const say = (...said: string[]) =>
  said.map((value, at) => ({ from: at % 2 === 0 ? "human" : "gpt", value }));
const talks = [
  { conversations: [{ from: "system", value: "S" }, ...say("What?", "good", "And?", "bad, and more of it")] },
  { conversations: [{ from: "gpt", value: "answered" }] },
];
export const rows = (images: number, record: Record<string, unknown>) =>
  ({
    kind: "images",
    images: Array.from({ length: images }, (_, at) => Buffer.from(`image ${at}`)),
    record: { set: "row", fields: record },
  }) as const;
const parquet: Partial<OfPart> = {
  archive: "parquet",
  pieces: [{ path: "data/train-3.parquet", sizeBytes: 1, sha256: null, oid: null }],
};
const conversations = { text: { adapter: "conversations" } };

export const kinds: Readonly<Record<string, Kind>> = {
  "a clip with a caption": {
    entry: { text: { adapter: "caption" }, fields: { score: { from: "score", type: "float" } } },
    part: {},
    content: { kind: "file", bytes: Buffer.from("a clip") },
    records: [{ caption: "What is answered.", score: 5 }],
  },
  "a clip with conversations": {
    entry: conversations,
    part: { subset: "mine" },
    content: { kind: "file", bytes: Buffer.from("a clip") },
    records: talks,
  },
  "frames of a folder": {
    entry: conversations,
    part: {},
    content: { kind: "images", images: [Buffer.from("1"), Buffer.from("2")], record: null },
    records: talks,
  },
  "one picture of a row": {
    entry: { ...conversations, media: "images", annotations: { kind: "inline", images: "image" } },
    part: parquet,
    content: rows(1, talks[0] ?? {}),
    records: [],
  },
  "two pictures of a row": {
    entry: { ...conversations, media: "images", annotations: { kind: "inline", images: "image" } },
    part: parquet,
    content: rows(2, talks[0] ?? {}),
    records: [],
  },
  "a text alone": {
    entry: { ...conversations, media: "none", annotations: { kind: "inline" } },
    part: parquet,
    content: rows(0, talks[0] ?? {}),
    records: [],
  },
  "a pair": {
    entry: {
      media: "pair",
      text: { adapter: "preference" },
      annotations: { kind: "inline", images: "image" },
    },
    part: parquet,
    content: rows(1, { prompt: say("What?", "good", "And?"), chosen: "bad", rejected: "answered" }),
    records: [],
  },
};

export function contextOf(kind: Kind, recipe: Record<string, unknown>): BuildContext {
  const dataset: Dataset = datasetSchema.parse({
    ...{ name: "x", title: "x", keyPrefix: "x", sourceName: "x", license: "x" },
    source: { kind: "folder" },
    parts: [{ archive: "zip", path: "{subset}/x{part}.zip" }],
    media: "video",
    annotations: { kind: "files", files: [{ path: "x.csv", format: "csv" }], key: "name" },
    ...kind.entry,
  });
  const made: Recipe = recipeSchema.parse(recipe);
  return { dataset, build: { recipe: made } } as BuildContext;
}

/** The member's samples as a build of the source makes them. */
export function direct(kind: Kind, recipe: Record<string, unknown>, texts: TextPool): Promise<Outcome> {
  const part: OfPart = { subset: null, part: 3, archive: "zip", pieces: [], ...kind.part };
  const name = "a/b.1.mp4";
  const records = kind.records.map((fields) => ({ set: "records", fields }));
  const work = {
    planned: { position: 12, name, at: {}, records },
    streamed: { kind: "member", position: 12, name, content: kind.content, sizeBytes: 1 },
  } as const;
  return makeSample(contextOf(kind, recipe), part, work, { pool: making, texts, signal });
}
