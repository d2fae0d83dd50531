import { Failure, type MediaPool, type TextPool } from "@shardmill/core";
import type { Sample, SampleMember } from "@shardmill/shards";
import { openTextPool, readTokenizerFiles } from "@shardmill/text";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  contextOf,
  type Kind,
  kinds,
  direct as madeDirectly,
  making,
  refusing,
  signal,
  tokenizerFiles,
} from "../../testing/sample-kinds.ts";
import { tokenizeSample } from "./tokenize-sample.ts";

let texts: TextPool;
beforeAll(async () => {
  texts = await openTextPool(readTokenizerFiles(tokenizerFiles), { size: 1 });
});
afterAll(() => texts.close());
const direct = (kind: Kind, recipe: Record<string, unknown>) => madeDirectly(kind, recipe, texts);

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

describe.each(Object.keys(kinds))("a sample of %s, made again", (name) => {
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
      const { outcome, code, detail, key, frames } = expected.line;
      expect(made.lines).toMatchObject([{ member: raw.samples[0]?.key, outcome, code, detail, key, frames }]);
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
