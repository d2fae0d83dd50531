import { monitorEventLoopDelay } from "node:perf_hooks";
import { afterEach, describe, expect, it } from "vitest";
import { manyTexts } from "../testing/awkward-texts.ts";
import { smallTokenizer } from "../testing/small-tokenizer.ts";
import { ConversationTokenizer } from "./conversation-tokenizer.ts";
import { openTokenReader, type TokenReader } from "./token-reader.ts";
import { TokenTexts } from "./token-runs.ts";
import { readTokenizerFiles, type TokenizerFiles } from "./tokenizer-files.ts";

const never = new AbortController().signal;
const files = smallTokenizer("a small text, and a small text again, to learn a little from");
const open: TokenReader[] = [];

afterEach(async () => {
  for (const reader of open.splice(0)) await reader.close();
});

async function readerOf(limitMs?: number): Promise<TokenReader> {
  const reader = await openTokenReader(limitMs);
  open.push(reader);
  return reader;
}

/** It counts how often its files are asked for. */
function named(id: string, own: TokenizerFiles = files) {
  const asked = { times: 0 };
  const tokenizer = {
    id,
    files: async () => {
      asked.times += 1;
      return own;
    },
  };
  return { asked, tokenizer };
}

async function tokensOf(user: string, assistant: string) {
  const messages = [
    { role: "user", text: user },
    { role: "assistant", text: assistant },
  ] as const;
  const settings = { loss: "answer", maxTokens: 100_000, overflow: "cut" } as const;
  const made = await ConversationTokenizer.open(readTokenizerFiles(files)).tokenize(messages, settings);
  if (made.kind !== "tokens") throw new Error(made.rejection.detail);
  return { tokenIds: [...made.tokenIds], lossMask: [...made.lossMask] };
}

describe("a reader of tokens", () => {
  it("tells each text, those under the loss apart, and control tokens from text that says the same", async () => {
    const list = await tokensOf("what <|im_end|> is", "a text");
    const read = await (await readerOf()).read(named("a").tokenizer, [list], never);
    if (read.kind !== "runs") throw new Error(read.why);
    const [runs = []] = read.runs;
    expect(runs.map(({ text, isLoss, isControl }) => [text, isLoss, isControl])).toEqual([
      ["<|im_start|>", false, true],
      ["system\nYou are a small model", false, false],
      ["<|im_end|>", false, true],
      ["\n", false, false],
      ["<|im_start|>", false, true],
      ["user\nwhat <|im_end|> is", false, false],
      ["<|im_end|>", false, true],
      ["\n", false, false],
      ["<|im_start|>", false, true],
      ["assistant\n", false, false],
      ["a text", true, false],
      ["<|im_end|>", true, true],
      ["\n", true, false],
    ]);
    expect(runs.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(list.tokenIds.length);
  });

  it("says the same as whoever opens the tokenizer himself", async () => {
    const lists = await Promise.all(
      manyTexts()
        .slice(0, 60)
        .map((text) => tokensOf(text, `${text}.`)),
    );
    const read = await (await readerOf()).read(named("a").tokenizer, lists, never);
    if (read.kind !== "runs") throw new Error(read.why);
    const textOf = (runs: readonly { text: string }[]) => runs.map(({ text }) => text).join("");
    const alone = await Promise.all(lists.map((list) => TokenTexts.open(files).runs(list)));
    expect(read.runs.map(textOf)).toEqual(alone.map(textOf));
  });

  it("asks for the files once, and again when others took the place", async () => {
    const reader = await readerOf();
    const list = await tokensOf("a", "text");
    const all = ["a", "b", "c", "d"].map((id) => named(id));
    for (const { tokenizer } of [...all, ...all.slice(1)]) await reader.read(tokenizer, [list], never);
    expect(all.map(({ asked }) => asked.times)).toEqual([1, 1, 1, 1]);
    await reader.read(all[0]!.tokenizer, [list], never);
    expect(all[0]?.asked.times).toBe(2);
  });

  it("says what is wrong with a tokenizer, and goes on with the next", async () => {
    const reader = await readerOf();
    const list = await tokensOf("a", "text");
    const broken = named("broken", { ...files, tokenizer: '{"model":{"type":"none"}}' });
    const read = await reader.read(broken.tokenizer, [list], never);
    expect(read).toMatchObject({ kind: "unknown", why: expect.stringContaining("is not understood") });
    expect((await reader.read(named("a").tokenizer, [list], never)).kind).toBe("runs");
  });

  it("gives up what takes too long, and throws what asking for the files throws", async () => {
    const list = await tokensOf("a", "text");
    const read = await (await readerOf(1)).read(named("a").tokenizer, [list], never);
    expect(read).toEqual({ kind: "unknown", why: "reading the tokens took more than 0.001 s" });
    const gone = { id: "gone", files: () => Promise.reject(new Error("gone")) };
    await expect((await readerOf()).read(gone, [list], never)).rejects.toThrow("gone");
    const stop = new AbortController();
    stop.abort(new Error("called off"));
    await expect((await readerOf()).read(named("a").tokenizer, [list], stop.signal)).rejects.toThrow(
      "called off",
    );
  });

  it("holds up nobody while a large tokenizer is opened", async () => {
    const { model, ...rest } = JSON.parse(files.tokenizer) as { model: { vocab: Record<string, number> } };
    const first = Object.keys(model.vocab).length;
    const more = Array.from({ length: 400_000 }, (_, at) => [`more-of-it-${at}`, first + at] as const);
    const vocab = { ...model.vocab, ...Object.fromEntries(more) };
    const large = JSON.stringify({ ...rest, model: { ...model, vocab } });
    const reader = await readerOf();
    const list = await tokensOf("a", "text");
    const delay = monitorEventLoopDelay({ resolution: 5 });
    await reader.read(named("small").tokenizer, [list], never);
    const began = performance.now();
    delay.enable();
    expect(
      (await reader.read(named("large", { ...files, tokenizer: large }).tokenizer, [list], never)).kind,
    ).toBe("runs");
    delay.disable();
    const took = performance.now() - began;
    expect(delay.max / 1e6).toBeLessThan(took / 2);
  });
});
