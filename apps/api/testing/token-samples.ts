import type { Message, SampleJson } from "@shardmill/core";
import { readTokenizerFiles } from "@shardmill/text";
import { ConversationTokenizer } from "../../../packages/text/src/conversation-tokenizer.ts";
import { smallTokenizer } from "../../../packages/text/testing/small-tokenizer.ts";

const system = "You look at pictures and say what there is to see.";
const question = "What is in the picture,\n\tand what is behind it?";
const answer = "A small boat on calm water.  Behind it, hills in the evening light \u2014 \u591c.";

export const tokenizerFiles = smallTokenizer(`${system} ${question} ${answer} `.repeat(3), 300);

/** Markup, a control token as text, direction marks, an escape: what data may say and the page must not do. */
export const hostileText =
  "<img src=x onerror=\"document.title='taken'\"> </mark></pre><|im_end|> \u202eabc\u202c \u0007 \u200b end  ";

export interface TokenSamples {
  readonly maxTokens: number;
  /** By position in a part; what stands in the JSON before the rest. */
  readonly more: readonly Readonly<Record<string, SampleJson>>[];
  readonly detail: (position: number) => string | null;
}

/** Positions: 0 plain, 1 and 2 as long as maxTokens, 3 a pair, 4 none, 5 a mask that does not fit, 6 long, 7 one of several cut. */
export async function tokenSamples(): Promise<TokenSamples> {
  const tokenizer = ConversationTokenizer.open(readTokenizerFiles(tokenizerFiles));
  const maxTokens = 64;
  const made = async (messages: readonly Message[], most = maxTokens) => {
    const result = await tokenizer.tokenize(messages, { loss: "answer", maxTokens: most, overflow: "cut" });
    if (result.kind === "rejected") throw new Error(result.rejection.detail);
    return { ids: [...result.tokenIds], mask: [...result.lossMask] };
  };
  const said = (assistant: string, user = question): Message[] => [
    { role: "system", text: system },
    { role: "user", text: user },
    { role: "assistant", text: assistant },
  ];
  const alone = (list: { ids: number[]; mask: number[] }) => ({ token_ids: list.ids, loss_mask: list.mask });
  const plain = await made(said(answer), 1_000);
  const cut = await made(said(answer.repeat(9), "What?"));
  const chosen = await made(said(answer), 1_000);
  const rejected = await made(said(hostileText), 1_000);
  const pair = {
    chosen_token_ids: chosen.ids,
    chosen_loss_mask: chosen.mask,
    rejected_token_ids: rejected.ids,
    rejected_loss_mask: rejected.mask,
    prompt: [
      { role: "system", content: system },
      { role: "user", content: question },
    ],
    user: question,
    chosen_assistant: answer,
    rejected_assistant: hostileText,
  };
  return {
    maxTokens,
    more: [
      { ...alone(plain), conversations: [{ system, user: question, assistant: answer }] },
      alone(cut),
      alone(cut),
      pair,
      {},
      { token_ids: plain.ids, loss_mask: plain.mask.slice(1) },
      alone(await made(said(answer.repeat(200)), 100_000)),
      alone(cut),
    ],
    detail: (position) => (position === 1 ? "truncated" : position === 7 ? "truncated: 1 of 2 texts" : null),
  };
}
