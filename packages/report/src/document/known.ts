import type { Inline } from "./blocks.ts";

export function known(word: "yes" | "no" | "unknown"): Inline {
  return { kind: "known", known: word };
}
