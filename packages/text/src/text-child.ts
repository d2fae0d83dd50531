import { readFileSync } from "node:fs";
import type { Message, TokenResult, TokenSettings } from "@shardmill/core";
import { ConversationTokenizer } from "./conversation-tokenizer.ts";

/** What a child of the pool is given for each conversation. */
export interface TextTask {
  readonly messages: readonly Message[];
  readonly settings: TokenSettings;
}

// Ctrl-C reaches the whole group: whoever began this child decides when it ends.
process.on("SIGINT", () => undefined);

/** The file of the pool's tokenizer is the only argument. */
const tokenizer = ConversationTokenizer.open(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")));

export default function tokenize({ messages, settings }: TextTask): Promise<TokenResult> {
  return tokenizer.tokenize(messages, settings);
}
