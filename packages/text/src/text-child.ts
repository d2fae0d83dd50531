import { readFileSync } from "node:fs";
import type { Message, TokenResult, TokenSettings } from "@shardmill/core";
import { ConversationTokenizer } from "./conversation-tokenizer.ts";

/** One conversation that a child is given. */
export interface TextTask {
  readonly messages: readonly Message[];
  readonly settings: TokenSettings;
}

/** What a conversation of a batch comes to; `threw` is a bug. */
export type TextAnswer =
  | TokenResult
  | { readonly kind: "threw"; readonly message: string; readonly stack: string | undefined };

/** What a child says: once that it is up, then one list of answers for each batch, in its order. */
export type ChildWord =
  | { readonly kind: "up" }
  | { readonly kind: "answers"; readonly answers: readonly TextAnswer[] };

// Ctrl-C reaches the whole group: whoever began this child decides when it ends.
process.on("SIGINT", () => undefined);

/** The file of the pool's tokenizer is the only argument. */
const tokenizer = ConversationTokenizer.open(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")));

async function answered({ messages, settings }: TextTask): Promise<TextAnswer> {
  try {
    return await tokenizer.tokenize(messages, settings);
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    return { kind: "threw", message, stack };
  }
}

async function answer(batch: readonly TextTask[]): Promise<void> {
  const answers: TextAnswer[] = [];
  for (const task of batch) answers.push(await answered(task));
  say({ kind: "answers", answers });
}

function say(word: ChildWord): void {
  process.send?.(word);
}

process.on("message", (batch: readonly TextTask[]) => void answer(batch));
process.on("disconnect", () => process.exit());
say({ kind: "up" });
