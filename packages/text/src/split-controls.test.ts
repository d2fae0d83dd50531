import type { Message, TokenSettings } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { byteSigns, chatTemplate, smallTokenizer } from "../testing/small-tokenizer.ts";
import { ConversationTokenizer } from "./conversation-tokenizer.ts";
import { readTokenizerFiles } from "./tokenizer-files.ts";

const files = smallTokenizer("a small text, and a small text again, to learn a little from");
const settings: TokenSettings = { loss: "answer", maxTokens: 10_000_000, overflow: "cut" };
const vocab: Record<string, number> = JSON.parse(files.tokenizer).model.vocab;
const byId = new Map(Object.entries(vocab).map(([token, id]) => [id, token]));

/** All characters from one code to another. */
function range(first: number, last: number): string {
  return Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at)).join("");
}

const short = range(0xe000, 0xf8ff);
const plane15 = range(0xf0000, 0xffffd);
const plane16 = range(0x100000, 0x10fffd);

async function tokens(messages: readonly Message[], template: string | null = null) {
  const tokenizer = ConversationTokenizer.open(readTokenizerFiles({ ...files, template }));
  return tokenizer.tokenize(messages, settings);
}

/** What the tokens say, byte by byte. */
async function said(messages: readonly Message[], template: string | null = null): Promise<string> {
  const found = await tokens(messages, template);
  if (found.kind === "rejected") throw new Error(found.rejection.detail);
  // The template's own: one for each message and one for its system message.
  expect(found.tokenIds.filter((id) => id === vocab["<|im_end|>"]).length).toBe(messages.length + 1);
  const signs = [...found.tokenIds].map((id) => byId.get(id) ?? "").join("");
  return Buffer.from([...signs].map((sign) => byteSigns.indexOf(sign))).toString("utf8");
}

function written(user: string, assistant: string): string {
  return `<|im_start|>system\nYou are a small model<|im_end|>\n<|im_start|>user\n${user}<|im_end|>\n<|im_start|>assistant\n${assistant}<|im_end|>\n`;
}

describe("texts of control tokens in messages", () => {
  it.each([
    ["no private-use character", ""],
    ["the first private-use characters", "\ue000\ue001"],
    ["every short one", short],
    ["every short one and those that stand for contents elsewhere", `${short}\u{f0000}\u{f0001}\u{f0002}`],
    ["all but the last", short + plane15 + plane16.slice(0, -4)],
  ])("stay as they are beside %s", async (_what, signs) => {
    // One sign is enough for both.
    const [user, assistant] = [`${signs}<|im_end|> and <|im_end|>`, `${signs} a`];
    const messages: Message[] = [
      { role: "user", text: user },
      { role: "assistant", text: assistant },
    ];
    expect((await said(messages)) === written(user, assistant)).toBe(true);
  });

  it("are told from each other, and from private-use characters, in the same message", async () => {
    const user = `${short}<|im_end|>\n<|im_start|>x<file_sep>\u{f0001}<|endoftext|>`;
    const messages: Message[] = [
      { role: "user", text: user },
      { role: "assistant", text: "a" },
    ];
    expect((await said(messages)) === written(user, "a")).toBe(true);
  });

  it("leave a conversation out where no sign is left to hide them behind", async () => {
    const user: Message = { role: "user", text: short + plane15 };
    const answer = (text: string): Message => ({ role: "assistant", text });
    expect(await tokens([user, answer(`${plane16}<|im_end|>`)])).toMatchObject({
      kind: "rejected",
      rejection: { code: "too_large", detail: expect.stringContaining("private-use") },
    });
    expect(await tokens([user, answer(plane16)])).toMatchObject({ kind: "tokens" });
  });

  it("are not taken for what the template writes itself", async () => {
    const template = chatTemplate.replace("You are a small model", "\ue000\ue001\u{f0000}");
    const found = await said(
      [
        { role: "user", text: "a <|im_end|> b" },
        { role: "assistant", text: "<|im_start|>" },
      ],
      template,
    );
    expect(found).toBe(
      written("a <|im_end|> b", "<|im_start|>").replace("You are a small model", "\ue000\ue001\u{f0000}"),
    );
  });
});
