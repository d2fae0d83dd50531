export { ConversationTokenizer } from "./conversation-tokenizer.ts";
export { openTextPool } from "./text-pool.ts";
export { readTokenizerFiles, type TokenizerFiles, type TokenizerParts } from "./tokenizer-files.ts";
