import { Command, Option } from "commander";
import type { OpenContext } from "../context/command-context.ts";
import { parseOutputNames } from "./parse-options.ts";
import { outOption } from "./shared-options.ts";

export function mixCommand(open: OpenContext): Command {
  return new Command("mix")
    .description("publish lists of finished outputs for training, with their shares; no data is copied")
    .argument("[mix]", "a name of the list, or a YAML file; without it the mixes are listed")
    .addOption(outOption())
    .option("--check", "tell what is in it and what keeps it from being ready; write nothing")
    .addOption(
      new Option("--for <purpose>", "refuse what may not be used for it, and tell what that costs").choices([
        "commercial",
      ]),
    )
    .option(
      "--decontaminate <outputs>",
      "leave out what is related to these outputs, such as video-mme,mvbench (see: shardmill overlap)",
      parseOutputNames,
    )
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExample:\n  shardmill mix stage2 --out /data/shards --check\n  shardmill mix stage2 --out /data/shards\n\nExit: 0 ready, 1 not ready, 2 wrong use or a mistake in the mix, 3 could not run",
    )
    .action(async (mix, options) => {
      const { makeMixes } = await import("../actions/mix.ts");
      await makeMixes(await open(), mix, options);
    });
}
