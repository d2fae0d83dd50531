import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import type { Settings } from "./settings.ts";

/** Whether somebody sits in front of the command. */
export function canAsk({ isLive }: Settings): boolean {
  return isLive && process.stdin.isTTY === true;
}

/** Asked on the terminal; anything but yes is no. */
export async function askYes(question: string, signal: AbortSignal): Promise<boolean> {
  // Not as a terminal: Ctrl-C stays the signal that stops the command.
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    // A terminal that is closed says no.
    const closed = once(lines, "close").then(() => "");
    const answer = await Promise.race([lines.question(`${question} [y/N] `, { signal }), closed]);
    return /^\s*(y|yes)\s*$/i.test(answer);
  } finally {
    lines.close();
  }
}
