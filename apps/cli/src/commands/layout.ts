import { Argument, Command } from "commander";
import type { OpenContext } from "../context/command-context.ts";
import { parseFolder, parseFrames } from "./parse-options.ts";
import { addRemakeOptions } from "./shared-options.ts";

export function layoutCommand(open: OpenContext): Command {
  const command = new Command("layout")
    .description(
      "make the shards of a finished output again with the same fields in every sample, as Hugging Face datasets loads them; nothing is decoded",
    )
    .argument("<path>", "a finished output, such as out/openvid-1m", parseFolder)
    .addArgument(
      new Argument(
        "<kind>",
        "packed: all pictures of a sample in one file; fixed: as many files in every sample, the last picture repeated",
      ).choices(["packed", "fixed"]),
    )
    .option("--frames <n>", "pictures of every sample (fixed); of a sample with more, the first", parseFrames)
    .addHelpText(
      "after",
      "\nExample:\n  shardmill layout out/openvid-1m packed --as openvid-packed\n\nExit: 0 all parts done, 1 finished with failures, 2 wrong use, 3 could not run, 130/143 stopped by a signal",
    );
  return addRemakeOptions(command, "layout").action(async (path, kind, options) => {
    const { layOut } = await import("../actions/layout.ts");
    await layOut(await open(), path, { ...options, layout: kind });
  });
}
