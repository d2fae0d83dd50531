import { Command } from "commander";
import type { OpenContext } from "../context/command-context.ts";
import { placeOption } from "./shared-options.ts";

export function statusCommand(open: OpenContext): Command {
  return new Command("status")
    .description(
      "every part with its state, members and shards; totals that balance; without a name every build",
    )
    .argument("[dataset]", "a dataset that has been built; without one: all of them, and what to do next")
    .addOption(placeOption())
    .option("--watch", "follow a running build, as its own screen shows it; q quits")
    .option("--all", "list also the parts that nobody asked for yet")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExample:\n  shardmill status --out /data/shards\n  shardmill status openvid-1m --out /data/shards --watch",
    )
    .action(async (dataset, options) => {
      if (dataset === undefined) {
        const { showAllStatus } = await import("../actions/status-of-all.ts");
        await showAllStatus(await open(), options);
      } else if (options.watch === true) {
        const { watchStatus } = await import("../actions/watch-status.ts");
        await watchStatus(await open(), dataset, options);
      } else {
        const { showStatus } = await import("../actions/status.ts");
        await showStatus(await open(), dataset, options);
      }
    });
}
