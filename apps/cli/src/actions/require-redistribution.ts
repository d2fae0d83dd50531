import { Failure } from "@shardmill/core";
import { rowName } from "@shardmill/mixes";
import type { SetFacts } from "@shardmill/report";
import type { Console } from "../context/console.ts";
import { safeText } from "../text/clean-text.ts";

const mostNamed = 3;

/** To push is to redistribute, to whomever the repository is open. Unknown never counts as yes. */
export function requireRedistribution(console: Console, { terms }: SetFacts, isDespite: boolean): void {
  const lacking = terms.filter((row) => row.terms.redistribution !== "yes");
  if (lacking.length === 0) return;
  const forbidden = lacking.filter((row) => row.terms.redistribution === "no");
  const told = forbidden.length > 0 ? forbidden : lacking;
  const names = told.slice(0, mostNamed).map((row) => `${rowName(row)} (${row.terms.license})`);
  const more = told.length > mostNamed ? ` and ${told.length - mostNamed} more` : "";
  const words = forbidden.length > 0 ? "forbid redistribution" : "are not known to allow redistribution";
  const why = `the terms of ${safeText(names.join(", "))}${more} ${words}`;
  if (isDespite) {
    console.note(`note: ${why}; pushed despite that, as --despite-terms says`);
    return;
  }
  const remedy =
    forbidden.length > 0
      ? "--despite-terms pushes nevertheless"
      : "say what you know under terms: in the config, or push with --despite-terms";
  throw new Failure("wrong_use", `${why}; ${remedy}`);
}
