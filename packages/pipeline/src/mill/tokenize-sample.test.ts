import {
  type Dataset,
  datasetSchema,
  Failure,
  type MediaPool,
  type Recipe,
  recipeSchema,
  type StreamedMember,
  type TextPool,
} from "@shardmill/core";
import type { Sample, SampleMember } from "@shardmill/shards";
import { openTextPool, readTokenizerFiles } from "@shardmill/text";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smallTokenizer } from "../../../text/testing/small-tokenizer.ts";
import type { BuildContext } from "../context/build-context.ts";
import { makeSample, type OfPart } from "./make-sample.ts";
import { tokenizeSample } from "./tokenize-sample.ts";

const signal = new AbortController().signal;
const files = smallTokenizer("What is asked of the picture, and what is answered by the model? Good, bad.");
let texts: TextPool;
beforeAll(async () => {
  texts = await openTextPool(readTokenizerFiles(files), { size: 1 });
});
afterAll(() => texts.close());

const picture = (text: string) => Buffer.from(`made of ${text}`);
/** What it makes says of what it was made. */
const making: MediaPool = {
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
  image: async ({ bytes }) => ({
    kind: "image",
    jpeg: picture(Buffer.from(bytes).toString("hex")),
    width: 8,
    height: 6,
    attempts: 1,
  }),
  close: async () => undefined,
};
const refusing: MediaPool = {
  size: 1,
  frames: async ({ name }) => Promise.reject(new Error(`the frames of ${name} were asked for`)),
  image: async ({ name }) => Promise.reject(new Error(`the picture of ${name} was asked for`)),
  close: async () => undefined,
};

interface Kind {
  readonly entry: Record<string, unknown>;
  readonly part: Partial<OfPart>;
  readonly content: Extract<StreamedMember, { kind: "member" }>["content"];
  readonly records: readonly Record<string, unknown>[];
}

const say = (...said: string[]) => said.map((value, at) => ({ from: at % 2 === 0 ? "human" : "gpt", value }));
const talks = [
  { conversations: [{ from: "system", value: "S" }, ...say("What?", "good", "And?", "bad, and more of it")] },
  { conversations: [{ from: "gpt", value: "answered" }] },
];
const rows = (images: number, record: Record<string, unknown>) =>
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

const kinds: Readonly<Record<string, Kind>> = {
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
type KindName = keyof typeof kinds;

function contextOf(kind: Kind, recipe: Record<string, unknown>): BuildContext {
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
function direct(kind: Kind, recipe: Record<string, unknown>, pool = making) {
  const part: OfPart = { subset: null, part: 3, archive: "zip", pieces: [], ...kind.part };
  const name = "a/b.1.mp4";
  const records = kind.records.map((fields) => ({ set: "records", fields }));
  const work = {
    planned: { position: 12, name, at: {}, records },
    streamed: { kind: "member", position: 12, name, content: kind.content, sizeBytes: 1 },
  } as const;
  return makeSample(contextOf(kind, recipe), part, work, { pool, texts, signal });
}

/** Samples of an output, made again. */
async function again(
  kind: Kind,
  recipe: Record<string, unknown>,
  samples: readonly Sample[],
  pool: MediaPool,
) {
  const context = contextOf(kind, recipe);
  const outcomes = await Promise.all(
    samples.map(({ key, members }, position) =>
      tokenizeSample(context, { position, name: key, at: {}, records: [] }, members, { pool, texts, signal }),
    ),
  );
  return {
    samples: outcomes.flatMap((outcome) => outcome.samples),
    lines: outcomes.map(({ line }) => line),
    tokens: outcomes.map(({ tokens }) => tokens),
  };
}

const told = (samples: readonly Sample[]) =>
  samples.map(({ key, members }) => [
    key,
    members.map(({ suffix, bytes }: SampleMember) => `${suffix}: ${Buffer.from(bytes).toString()}`),
  ]);

const tokens = { format: "tokens", system: "You are a model.", prompt: "What?" };
const recipes: readonly (readonly [string, Record<string, unknown>])[] = [
  ["tokens", { text: tokens }],
  ["tokens for each turn", { text: tokens, turns: "each" }],
  ["tokens alone", { text: { ...tokens, keepRaw: false } }],
  ["tokens of everything", { text: { ...tokens, loss: "all" } }],
  ["tokens that are cut", { text: { ...tokens, loss: "all", maxTokens: 20 } }],
  ["texts for each turn", { turns: "each" }],
  ["texts", {}],
];

describe.each(Object.keys(kinds) as KindName[])("a sample of %s, made again", (name) => {
  const kind = kinds[name];
  if (kind === undefined) throw new Error(name);

  it.each(recipes)(
    "is what its source gives, to the byte, and no picture is asked for: %s",
    async (_, recipe) => {
      const raw = await direct(kind, {});
      expect(raw.samples.length).toBe(1);
      const made = await again(kind, recipe, raw.samples, refusing);
      const expected = await direct(kind, recipe);
      expect(told(made.samples)).toEqual(told(expected.samples));
      expect(made.tokens).toEqual([expected.tokens]);
      expect(made.lines).toMatchObject([
        {
          outcome: "packed",
          member: raw.samples[0]?.key,
          key: expected.samples[0]?.key,
          frames: raw.line.frames,
        },
      ]);
    },
  );

  it("stays one where its turns were made apart already", async () => {
    const each = await direct(kind, { turns: "each" });
    const made = await again(kind, { text: tokens, turns: "each" }, each.samples, refusing);
    expect(told(made.samples)).toEqual(told((await direct(kind, { text: tokens, turns: "each" })).samples));
  });

  it("has texts again where they are beside its tokens", async () => {
    const withTokens = await direct(kind, { text: tokens });
    const made = await again(kind, {}, withTokens.samples, refusing);
    expect(told(made.samples)).toEqual(told((await direct(kind, {})).samples));
  });

  it("is left out as it would be of its source", async () => {
    const recipe = { text: { ...tokens, maxTokens: 3, overflow: "leave-out" } };
    const raw = await direct(kind, {});
    const made = await again(kind, recipe, raw.samples, refusing);
    expect(made.samples).toEqual([]);
    expect(made.lines).toMatchObject([{ outcome: "skipped", code: "text_too_long", key: null }]);
    expect((await direct(kind, recipe)).line).toMatchObject({ code: "text_too_long" });
  });
});

describe("a text's picture", () => {
  const kind = kinds["a text alone"]!;

  it("comes and goes with the recipe, and is counted for nothing", async () => {
    const raw = await direct(kind, {});
    const recipe = { text: tokens, textPicture: "placeholder" };
    const made = await again(kind, recipe, raw.samples, making);
    expect(told(made.samples)).toEqual(told((await direct(kind, recipe)).samples));
    expect(made.samples[0]?.members.map(({ suffix }) => suffix)).toEqual(["jpg", "json"]);
    expect(JSON.parse(Buffer.from(made.samples[0]?.members[1]?.bytes ?? []).toString())).toMatchObject({
      frame_count: 0,
      is_text_only: true,
    });
    const bare = await again(kind, { text: tokens }, made.samples, refusing);
    expect(told(bare.samples)).toEqual(told((await direct(kind, { text: tokens })).samples));
  });

  it("is asked for of nothing that has pictures", async () => {
    const clip = kinds["a clip with a caption"]!;
    const raw = await direct(clip, {});
    const made = await again(clip, { textPicture: "placeholder" }, raw.samples, refusing);
    expect(told(made.samples)).toEqual(told(raw.samples));
  });
});

describe("what is no sample of an output", () => {
  const kind = kinds["a text alone"]!;
  it.each([
    ["has no JSON", []],
    ["has no text in it", [{ suffix: "json", bytes: Buffer.from("{}") }]],
    ["is no JSON", [{ suffix: "json", bytes: Buffer.from("{") }]],
  ])("is refused where it %s", async (_, members) => {
    const error = await again(kind, { text: tokens }, [{ key: "k", members }], refusing).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ code: "shard_invalid", where: { member: "k" } });
  });
});

describe("a pair's tokens", () => {
  const kind = kinds["a pair"]!;
  const read = async (recipe: Record<string, unknown>, record: Record<string, unknown>) => {
    const { samples, line } = await direct({ ...kind, content: rows(1, record) }, recipe);
    const json = samples[0]?.members.at(-1)?.bytes;
    return {
      line,
      json:
        json === undefined ? null : (JSON.parse(Buffer.from(json).toString()) as Record<string, number[]>),
    };
  };
  const lossTexts = async (record: Record<string, unknown>, side: string): Promise<[number, number]> => {
    const { json } = await read({ text: tokens }, record);
    const mask = json?.[`${side}_loss_mask`] ?? [];
    expect(mask.length).toBe(json?.[`${side}_token_ids`]?.length);
    return [mask.indexOf(1), mask.filter((bit) => bit === 1).length];
  };

  it("have the loss on the last answer alone, of each side from the same place on to its end", async () => {
    const prompt = say("What?", "good", "And?");
    const record = { prompt, chosen: "bad", rejected: "answered by the model" };
    const [chosen, rejected] = [await lossTexts(record, "chosen"), await lossTexts(record, "rejected")];
    expect(chosen[0]).toBe(rejected[0]);
    const { json } = await read({ text: tokens }, record);
    for (const side of ["chosen", "rejected"]) {
      const mask = json?.[`${side}_loss_mask`] ?? [];
      // Nothing before it is learnt, an answer in the prompt neither, and nothing behind it is left out.
      expect(mask.join("")).toMatch(/^0+1+$/);
    }
    expect(json?.chosen_token_ids?.slice(0, chosen[0])).toEqual(
      json?.rejected_token_ids?.slice(0, chosen[0]),
    );
    // The same without the turns before: the same loss.
    const alone = { prompt: say("And?"), chosen: "bad", rejected: "answered by the model" };
    expect((await lossTexts(alone, "chosen"))[1]).toBe(chosen[1]);
  });

  it("are those of everything where the loss is on all of it", async () => {
    const { json } = await read(
      { text: { ...tokens, loss: "all" } },
      { prompt: say("What?", "good", "And?"), chosen: "bad", rejected: "good" },
    );
    expect(json?.chosen_loss_mask?.includes(0)).toBe(false);
    expect(json?.rejected_loss_mask?.includes(0)).toBe(false);
  });

  it("are no preference where both were cut before they differ, and no loss where both were before any answer", async () => {
    const record = { prompt: "What?", chosen: "the model is good", rejected: "the model is bad" };
    const [begin] = await lossTexts(record, "chosen");
    const cut = (maxTokens: number) => read({ text: { ...tokens, maxTokens } }, record);
    expect((await cut(begin + 1)).line).toMatchObject({
      ...{ outcome: "skipped", code: "no_preference" },
      detail: expect.stringContaining("tokens"),
    });
    expect((await cut(begin)).line).toMatchObject({ outcome: "skipped", code: "no_loss_tokens" });
    expect((await cut(1000)).line).toMatchObject({ outcome: "packed", detail: null });
  });

  it("say that one of them was cut", async () => {
    const record = { prompt: "What?", chosen: "good", rejected: "bad, and more of it, and more of it" };
    const { json } = await read({ text: tokens }, record);
    const maxTokens = (json?.rejected_token_ids?.length ?? 0) - 1;
    const cut = await read({ text: { ...tokens, maxTokens } }, record);
    expect(cut.line).toMatchObject({ outcome: "packed", detail: "truncated" });
    expect(cut.json?.rejected_token_ids?.length).toBe(maxTokens);
  });
});
