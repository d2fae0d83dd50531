import { readFileSync } from "node:fs";
import { Failure, type Message, type TokenResult, type TokenSettings } from "@shardmill/core";
import { ConversationTokenizer } from "./conversation-tokenizer.ts";
import { sayUnusable, serveTasks } from "./serve-tasks.ts";

/** One conversation that a child is given. */
export interface TextTask {
  readonly messages: readonly Message[];
  readonly settings: TokenSettings;
}

/** The file of the pool's tokenizer is the only argument. */
try {
  const tokenizer = ConversationTokenizer.open(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")));
  serveTasks<TextTask, TokenResult>(({ messages, settings }) => tokenizer.tokenize(messages, settings));
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  sayUnusable(error.message);
}
