import { Command } from "commander";
import type { OpenContext } from "../context/command-context.ts";
import { outOption } from "./shared-options.ts";

export function provenanceCommand(open: OpenContext): Command {
  return new Command("provenance")
    .description("where the media of a dataset's records are: in its parts, elsewhere, or unknown")
    .argument("<dataset>", "a dataset that has been built, at least in part")
    .addOption(outOption())
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  shardmill provenance llava-video-178k --out /data/shards")
    .action(async (dataset, options) => {
      const { showProvenance } = await import("../actions/provenance.ts");
      await showProvenance(await open(), dataset, options);
    });
}
