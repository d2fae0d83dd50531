import { Command } from "commander";
import type { OpenContext } from "../context/command-context.ts";
import { parseFolder } from "./parse-options.ts";
import { addRecipeOptions, addRemakeOptions } from "./shared-options.ts";

export function tokenizeCommand(open: OpenContext): Command {
  const command = new Command("tokenize")
    .description(
      "make the samples of a finished output again with tokens or other text; no picture is decoded again",
    )
    .argument("<path>", "a finished output, such as out/openvid-1m", parseFolder)
    .addHelpText(
      "after",
      "\nExample:\n  shardmill tokenize out/openvid-1m --as openvid-stage3 --recipe seed-stage3\n\nExit: 0 all parts done, 1 finished with failures, 2 wrong use, 3 could not run, 130/143 stopped by a signal",
    );
  return addRemakeOptions(addRecipeOptions(command), "recipe").action(async (path, options) => {
    const { remakeOutput } = await import("../actions/remake-output.ts");
    await remakeOutput(await open(), path, options);
  });
}
