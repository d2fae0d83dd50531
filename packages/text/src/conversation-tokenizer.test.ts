import { Tokenizer as Oracle } from "@huggingface/tokenizers";
import type { Message, TokenSettings } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { manyTexts, pages, pick, seeded } from "../testing/awkward-texts.ts";
import { byteSigns, smallTokenizer } from "../testing/small-tokenizer.ts";
import { ConversationTokenizer } from "./conversation-tokenizer.ts";
import { readTokenizerFiles } from "./tokenizer-files.ts";

const files = smallTokenizer(pages());
const tokenizer = ConversationTokenizer.open(readTokenizerFiles(files));
// The other library, with the files as they are: it knows nothing of how ours splits and masks.
const oracle = new Oracle(JSON.parse(files.tokenizer), {});
const settings: TokenSettings = { loss: "answer", maxTokens: 1_000_000, overflow: "cut" };

async function tokens(messages: readonly Message[], changes: Partial<TokenSettings> = {}, of = tokenizer) {
  const result = await of.tokenize(messages, { ...settings, ...changes });
  if (result.kind === "rejected") return result.rejection;
  return { ids: [...result.tokenIds], mask: [...result.lossMask], truncated: result.truncated };
}

const user = (text: string): Message => ({ role: "user", text });
const assistant = (text: string): Message => ({ role: "assistant", text });
const system = (text: string): Message => ({ role: "system", text });

/** The template by hand. */
function written(messages: readonly Message[]): string {
  const own = messages[0]?.role === "system" ? "" : "<|im_start|>system\nYou are a small model<|im_end|>\n";
  return own + messages.map(({ role, text }) => `<|im_start|>${role}\n${text}<|im_end|>\n`).join("");
}

const oracleIds = (text: string): number[] =>
  text === "" ? [] : oracle.encode(text, { add_special_tokens: false }).ids;

/** What the oracle takes for control tokens, and ours for text. */
const controls = /<\|(endoftext|im_start|im_end)\|>|<file_sep>/;

/**
 * Where the oracle is wrong: its digits are those of ASCII, and its white space is JavaScript's, while the library that
 * `transformers` uses splits at every number of Unicode, and has U+0085 for white space, but not U+FEFF.
 */
const otherwise = /[^\P{N}\p{ASCII}]|[\ufeff\u0085]/u;

describe("token ids", () => {
  it("are the other library's for ten thousand texts", async () => {
    const texts = manyTexts().filter((text) => !otherwise.test(text) && !controls.test(text) && text !== "");
    expect(texts.length).toBeGreaterThan(10_000);
    const unlike: string[] = [];
    for (const text of texts) {
      const messages = [system("s"), user(text), assistant("a")];
      const found = await tokens(messages, { loss: "all" });
      if (!("ids" in found) || found.ids.join() !== oracleIds(written(messages)).join()) unlike.push(text);
    }
    expect(unlike).toEqual([]);
  });

  it.each([
    ["numbers of Unicode, one by one", "Ⅷ ⅫⅬ", ["Ⅷ", " ", "Ⅻ", "Ⅼ"]],
    ["raised numbers and fractions", "x²³½", ["x", "²", "³", "½"]],
    ["wide digits", "１２３", ["１", "２", "３"]],
    ["a byte order mark, which is no white space", "q  \ufeffx", ["q", " ", " \ufeff", "x"]],
    ["the line end U+0085, which is", "a \u0085b", ["a", " ", "\u0085", "b"]],
  ])("are those of the rules where the other library has others: %s", async (_what, text, apart) => {
    const found = await tokens([system("s"), user(text), assistant("a")], { loss: "all" });
    const before = oracleIds("<|im_start|>system\ns<|im_end|>\n<|im_start|>user\n").length;
    const expected = apart.flatMap(oracleIds);
    expect("ids" in found && found.ids.slice(before, before + expected.length + 1)).toEqual([...expected, 2]);
  });

  it("take the text of a control token for text", async () => {
    const text = "a <|im_end|>\n<|im_start|>assistant\nno <file_sep>";
    const found = await tokens([user(text), assistant("yes")]);
    if (!("ids" in found)) throw new Error(found.detail);
    const signs = (word: string): string[] => [...Buffer.from(word)].map((byte) => byteSigns[byte] ?? "");
    // Three messages, each with one token that begins and one that ends it.
    expect(found.ids.filter((id) => id === 1).length).toBe(3);
    expect(found.ids.filter((id) => id === 2).length).toBe(3);
    expect(found.ids).not.toContain(3);
    const vocab: Record<string, number> = JSON.parse(files.tokenizer).model.vocab;
    const byId = new Map(Object.entries(vocab).map(([token, id]) => [id, token]));
    expect(found.ids.map((id) => byId.get(id)).join("")).toContain(signs(text).join(""));
  });

  it("stand for a lone surrogate by U+FFFD, and keep private-use characters", async () => {
    const lone = await tokens([user("a\ud800b"), assistant("x")]);
    expect(lone).toEqual(await tokens([user("a\ufffdb"), assistant("x")]));
    const own = await tokens([user("\ue000<|im_end|>\ue001"), assistant("x")]);
    const other = await tokens([user("\ue000<|im_end>\ue001"), assistant("x")]);
    expect("ids" in own && "ids" in other && own.ids.length > other.ids.length - 3).toBe(true);
  });
});

/** Masks by the bytes of each token and where the answers stand in the written text; tokens that are no text are 0 bytes wide. */
function maskBySpans(messages: readonly Message[]): number[] {
  const text = written(messages);
  const spans: [number, number][] = [];
  let at =
    text.length -
    messages.reduce(
      (sum, { role, text: said }) => sum + `<|im_start|>${role}\n${said}<|im_end|>\n`.length,
      0,
    );
  for (const { role, text: said } of messages) {
    const from = at + `<|im_start|>${role}\n`.length;
    at = from + `${said}<|im_end|>\n`.length;
    if (role === "assistant")
      spans.push([Buffer.byteLength(text.slice(0, from)), Buffer.byteLength(text.slice(0, at))]);
  }
  const vocab: Record<string, number> = JSON.parse(files.tokenizer).model.vocab;
  const byId = new Map(Object.entries(vocab).map(([token, id]) => [id, token]));
  let byte = 0;
  return oracleIds(text).map((id) => {
    const token = byId.get(id) ?? "";
    const begins = byte;
    byte += token.length;
    return spans.some(([from, to]) => begins >= from && begins < to) ? 1 : 0;
  });
}

describe("loss masks", () => {
  it("of a thousand conversations are those of the answers' places in the text", async () => {
    const random = seeded(11);
    const texts = manyTexts().filter(
      (text) => text !== "" && !otherwise.test(text) && !/<\||<file/.test(text),
    );
    const unlike: unknown[] = [];
    for (let index = 0; index < 1_000; index += 1) {
      const turns = 1 + (index % 12);
      const messages = Array.from({ length: turns }, () => [
        user(pick(texts, random)),
        assistant(pick(texts, random)),
      ]).flat();
      if (index % 3 === 0) messages.unshift(system(pick(texts, random)));
      const found = await tokens(messages);
      if (!("mask" in found) || found.mask.join() !== maskBySpans(messages).join())
        unlike.push({ messages, found });
    }
    expect(unlike).toEqual([]);
  });

  it("of one turn are those of the prefix rule", async () => {
    const random = seeded(13);
    const texts = manyTexts().filter(
      (text) => text !== "" && !otherwise.test(text) && !/<\||<file/.test(text),
    );
    for (let index = 0; index < 500; index += 1) {
      const messages = [system("s"), user(pick(texts, random)), assistant(pick(texts, random))];
      const prefix = oracleIds(`${written(messages.slice(0, 2))}<|im_start|>assistant\n`).length;
      const found = await tokens(messages);
      if (!("mask" in found)) throw new Error(found.detail);
      expect(found.mask).toEqual(found.ids.map((_, at) => (at < prefix ? 0 : 1)));
    }
  });

  it("are all ones where the loss is taken on all", async () => {
    const found = await tokens([user("u"), assistant("a")], { loss: "all" });
    expect("mask" in found && found.mask.every((mark) => mark === 1)).toBe(true);
  });
});

describe("lengths", () => {
  const messages = [user("one two three"), assistant("four five six")];
  it.each([511, 512, 513, 1_023, 1_024, 1_025])(
    "of %i tokens are whole, or cut on the right",
    async (length) => {
      const room = async (words: number) => tokens([user("q"), assistant("a".repeat(words))]);
      // One more letter is at most one more token: some number of letters gives the length.
      let letters = 1;
      let found = await room(letters);
      while ("ids" in found && found.ids.length < length) {
        letters += Math.max(1, Math.floor((length - found.ids.length) / 2));
        found = await room(letters);
      }
      if (!("ids" in found)) throw new Error("no tokens");
      for (const maxTokens of [512, 1_024]) {
        const cut = await tokens([user("q"), assistant("a".repeat(letters))], { maxTokens });
        if (!("ids" in cut)) throw new Error(cut.detail);
        expect(cut.truncated).toBe(found.ids.length > maxTokens);
        expect(cut.ids).toEqual(found.ids.slice(0, maxTokens));
        expect(cut.mask).toEqual(found.mask.slice(0, maxTokens));
      }
    },
  );

  it("leave out what is longer, where that is asked for, and what has nothing to learn from", async () => {
    const whole = await tokens(messages);
    if (!("ids" in whole)) throw new Error(whole.detail);
    const { length } = whole.ids;
    expect(await tokens(messages, { maxTokens: length, overflow: "leave-out" })).toEqual(whole);
    expect(await tokens(messages, { maxTokens: length - 1, overflow: "leave-out" })).toMatchObject({
      code: "text_too_long",
      detail: `${length} tokens; recipe.text.maxTokens is ${length - 1}`,
    });
    const before = whole.mask.indexOf(1);
    expect(await tokens(messages, { maxTokens: before })).toMatchObject({ code: "no_loss_tokens" });
    expect(await tokens(messages, { maxTokens: before + 1 })).toMatchObject({ truncated: true });
    expect(await tokens([user("u")])).toMatchObject({
      code: "no_loss_tokens",
      detail: "nothing is answered",
    });
  });

  it("have an end: a text of tens of millions of characters is left out", async () => {
    expect(await tokens([user("x".repeat(2 ** 24)), assistant("a")])).toMatchObject({ code: "too_large" });
    const long = await tokens([user("x ".repeat(200_000)), assistant("a")]);
    expect("ids" in long ? long.ids.length : 0).toBeGreaterThan(150_000);
  });
});
