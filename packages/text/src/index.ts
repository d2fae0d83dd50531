export { openTextPool } from "./text-pool.ts";
export { type TokenRun, tokenRuns } from "./token-runs.ts";
export { readTokenizerFiles, type TokenizerFiles, type TokenizerParts } from "./tokenizer-files.ts";
