import { Command } from "commander";
import type { OpenContext } from "../context/command-context.ts";
import { parseParts } from "./parse-options.ts";
import { outOption, partExamples } from "./shared-options.ts";

export function adoptCommand(open: OpenContext): Command {
  return new Command("adopt")
    .description("take parts that were built elsewhere as done, unverified, so that --missing means the rest")
    .argument("<dataset>", "a name of the catalogue")
    .option("--parts <list>", `parts, such as ${partExamples}`, parseParts)
    .option(
      "--progress <file>",
      "the parts that a JSON file calls done: [0, 1], {completed: [0]} or {parts: {0: done}}",
    )
    .option("--source <dir>", "a local folder laid out like the repository, instead of the Hub")
    .addOption(outOption())
    .addHelpText("after", "\nExample:\n  shardmill adopt openvid-1m --parts 0-72 --out /data/shards")
    .action(async (dataset, options) => {
      const { adopt } = await import("../actions/adopt.ts");
      await adopt(await open(), dataset, options);
    });
}
