import { fileURLToPath } from "node:url";
import { type Cost, measure } from "./measure.ts";
import { runCommand } from "./run-command.ts";

const main = fileURLToPath(new URL("../../apps/cli/bin/shardmill.js", import.meta.url));

/** A command of the command line from its first line to its last, queue and all. */
export function shardmillCost(samples: number, args: readonly string[]): Promise<Cost> {
  return measure(samples, async () => {
    await runCommand(process.execPath, [main, ...args]);
  });
}
