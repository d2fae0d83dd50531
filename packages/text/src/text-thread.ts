import { workerData } from "node:worker_threads";
import type { Message, TokenResult, TokenSettings } from "@shardmill/core";
import { ConversationTokenizer } from "./conversation-tokenizer.ts";
import type { TokenizerParts } from "./tokenizer-files.ts";

/** What a thread of the pool is given for each conversation. */
export interface TextTask {
  readonly messages: readonly Message[];
  readonly settings: TokenSettings;
}

const tokenizer = ConversationTokenizer.open(workerData as TokenizerParts);

export default function tokenize({ messages, settings }: TextTask): Promise<TokenResult> {
  return tokenizer.tokenize(messages, settings);
}
