import type { PartStatus } from "@shardmill/pipeline/status";
import type { CommandContext } from "../context/command-context.ts";
import { safeText } from "../text/clean-text.ts";
import { shellCommand } from "../text/shell-command.ts";

/** The command that makes stale parts again. */
export function cureOf(dataset: string, out: string): string {
  return shellCommand("shardmill", "retry", dataset, "--stale", "--out", out);
}

/** Which parts are left alone because they are stale, why, and what cures them. */
export function noteStale(
  { console }: Pick<CommandContext, "console">,
  dataset: string,
  stale: readonly PartStatus[],
  out: string,
): void {
  for (const { label, error } of stale)
    console.note(
      safeText(`${label} is stale and left alone: ${error?.detail ?? "the source or the recipe changed"}`),
    );
  if (stale.length > 0)
    console.note(`make ${stale.length === 1 ? "it" : "them"} again:  ${cureOf(dataset, out)}`);
}
