import { createRequire } from "node:module";

/** The tokenizers library, loaded where a tokenizer is opened: most processes open none. */
export function nativeTokenizer(): typeof import("@anush008/tokenizers").Tokenizer {
  const load = createRequire(import.meta.url);
  return (load("@anush008/tokenizers") as typeof import("@anush008/tokenizers")).Tokenizer;
}
