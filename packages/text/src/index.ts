export { openTextPool } from "./text-pool.ts";
export { openTokenReader, type TokenReader, type TokensRead } from "./token-reader.ts";
export type { MarkedRun, MaskedTokens } from "./token-runs.ts";
export { readTokenizerFiles, type TokenizerFiles, type TokenizerParts } from "./tokenizer-files.ts";
