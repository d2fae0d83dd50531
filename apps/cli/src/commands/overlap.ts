import { Command } from "commander";
import type { OpenContext } from "../context/command-context.ts";
import { outOption } from "./shared-options.ts";

export function overlapCommand(open: OpenContext): Command {
  return new Command("overlap")
    .description(
      "list the samples of two outputs that are of one group, have the same picture, or show the same clip; of one output with itself, those across its groups",
    )
    .argument("<a>", "an output")
    .argument("<b>", "another, or the same")
    .addOption(outOption())
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExample:\n  shardmill overlap openvid-1m video-mme --out /data/shards\n\nWrites pairs.jsonl, overlap.json and a sheet of the nearest pairs into\nOUT/overlaps/A/B.\n\nExit: 0 compared, 2 wrong use, 3 could not run",
    )
    .action(async (a, b, options) => {
      const { overlap } = await import("../actions/overlap.ts");
      await overlap(await open(), [a, b], options);
    });
}
