import { type InvalidEntry, problemText } from "@shardmill/catalogue";
import type { Console } from "../context/console.ts";
import { safeText } from "../text/clean-text.ts";

/** Files that were passed over, each with its mistakes. */
export function noteInvalid(console: Console, invalid: readonly InvalidEntry[]): void {
  for (const { file, problems } of invalid) {
    console.note(`${safeText(file)} cannot be used:`);
    for (const problem of problems) console.note(`  ${safeText(problemText(problem))}`);
  }
}
