import { Command, Option } from "commander";
import type { OpenContext } from "../context/command-context.ts";
import { parseFolder, parseTars } from "./parse-options.ts";

export function reportCommand(open: OpenContext): Command {
  return new Command("report")
    .description(
      "write the provenance document of mixes, outputs and models: figures, licences, citations, Hub cards, Croissant",
    )
    .argument("<names...>", "mixes (or their files), outputs, models")
    .option("--from <dir>", "folder that the outputs lie in", "out")
    .option("--out <dir>", "folder of the report", parseFolder, "report")
    .addOption(
      new Option(
        "--tars <count>",
        "of each output, so many shards are read for what no record has (durations, resolutions, tokens), or all",
      )
        .argParser(parseTars)
        .default(8),
    )
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExample:\n  shardmill report stage1 stage2 mvbench smollm2-135m --from /data/shards --out report\n\nExit: 0 written, 1 written of what is not finished, 2 wrong use, 3 could not run",
    )
    .action(async (names, options) => {
      const { report } = await import("../actions/report.ts");
      await report(await open(), names, options);
    });
}
