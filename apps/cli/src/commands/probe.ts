import { Command, Option } from "commander";
import type { OpenContext } from "../context/command-context.ts";
import { outOption } from "./shared-options.ts";

export function probeCommand(open: OpenContext): Command {
  return new Command("probe")
    .description("list a repository or folder and draft a catalogue entry for it")
    .argument("<place>", "owner/name of a Hub dataset, or a folder")
    .option("--file <yaml>", "write the draft here instead of to stdout")
    .addOption(new Option("--add", "put it into your own catalogue").conflicts("file"))
    .addOption(
      new Option("--build", "then make its first ten samples, and tell what the whole would take").implies({
        add: true,
      }),
    )
    .addOption(outOption())
    .option("--replace", "with --add: replace your own entry of that name")
    .addHelpText(
      "after",
      "\nExample:\n  shardmill probe nkp37/OpenVid-1M --file my-openvid.yaml\n  shardmill probe ~/clips --add --build --out shards",
    )
    .action(async (place, options) => {
      const { probe } = await import("../actions/probe.ts");
      await probe(await open(), place, options);
    });
}
