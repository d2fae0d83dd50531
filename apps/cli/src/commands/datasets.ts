import { Command } from "commander";
import type { OpenContext } from "../command-context.ts";

export function datasetsCommand(open: OpenContext): Command {
  return new Command("datasets")
    .description("list the catalogue, or show one entry with its licence and citation")
    .argument("[dataset]", "show this one")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  shardmill datasets openvid-1m")
    .action(async (dataset, options) => {
      const { showDatasets } = await import("../actions/datasets.ts");
      await showDatasets(await open(), dataset, options);
    });
}
