import { Command } from "commander";
import type { OpenContext } from "../context/command-context.ts";
import { parseParts } from "./parse-options.ts";
import { partExamples, placeOption } from "./shared-options.ts";

export function failuresCommand(open: OpenContext): Command {
  return new Command("failures")
    .description("every sample left out, with its reason; grouped counts first")
    .argument("<dataset>", "a dataset that has been built")
    .option("--part <list>", `only these parts: ${partExamples}`, parseParts)
    .addOption(placeOption())
    .option("--json", "print {groups, failures} as JSON")
    .addHelpText("after", "\nExample:\n  shardmill failures openvid-1m --part 73")
    .action(async (dataset, options) => {
      const { showFailures } = await import("../actions/failures.ts");
      await showFailures(await open(), dataset, options);
    });
}
