import type { UnreadSubset } from "@shardmill/pipeline";
import type { CommandContext } from "../context/command-context.ts";
import { exitCodes } from "../process/exit-code.ts";
import { safeText } from "../text/clean-text.ts";

/** Subsets whose media in the user's roots could not be looked for, and why: not all that was asked for is there. */
export function noteUnread(
  { console, setExitCode }: Pick<CommandContext, "console" | "setExitCode">,
  unread: readonly UnreadSubset[],
): void {
  for (const { subset, failure } of unread)
    console.note(
      safeText(
        `no media of ${subset === null ? "the dataset" : subset} was looked for in your roots, since not all of what tells of them can be read: ${failure.code}: ${failure.message}`,
      ),
    );
  if (unread.length > 0) setExitCode(exitCodes.withFailures);
}
