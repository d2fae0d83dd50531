import type { TextPool } from "@shardmill/core";
import { openTextPool, readTokenizerFiles } from "@shardmill/text";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Kind,
  kinds,
  direct as madeDirectly,
  rows,
  say,
  tokenizerFiles,
} from "../../testing/sample-kinds.ts";

let texts: TextPool;
beforeAll(async () => {
  texts = await openTextPool(readTokenizerFiles(tokenizerFiles), { size: 1 });
});
afterAll(() => texts.close());
const direct = (kind: Kind, recipe: Record<string, unknown>) => madeDirectly(kind, recipe, texts);

const tokens = { format: "tokens", system: "You are a model.", prompt: "What?" };

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
