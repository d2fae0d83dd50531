import { Command } from "commander";
import type { OpenContext } from "../context/command-context.ts";
import { outOption } from "./shared-options.ts";

export function splitCommand(open: OpenContext): Command {
  return new Command("split")
    .description(
      "take a validation set out of what mixes train on, without a leak; those mixes leave it out from then on",
    )
    .argument("[split]", "a name of the list, or a YAML file; without it the splits are listed")
    .option("--mix <mixes>", "the mixes that are trained on, separated by commas")
    .addOption(outOption())
    .option("--check", "tell what would be chosen; write nothing")
    .option("--rebuild", "choose anew where what it was chosen from has changed")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExample:\n  shardmill split val-10k --mix stage1,stage2,stage3 --out /data/shards\n\nExit: 0 made, or nothing has changed; 1 a quota cannot be met, a mix is not ready, or something changed; 2 wrong use, 3 could not run",
    )
    .action(async (split, options) => {
      const { makeSplits } = await import("../actions/split.ts");
      await makeSplits(await open(), split, options);
    });
}
