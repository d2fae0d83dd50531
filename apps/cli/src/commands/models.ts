import { Command, Option } from "commander";
import type { OpenContext } from "../context/command-context.ts";
import { parseFolder } from "./parse-options.ts";
import { bandwidthOption } from "./shared-options.ts";

export function modelsCommand(open: OpenContext): Command {
  const models = new Command("models").enablePositionalOptions();
  return models
    .description("list the models that can be fetched, or show one with its licence and citation")
    .argument("[model]", "show this one")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExample:\n  shardmill models smollm2-135m\n  shardmill models get smollm2-135m --out models/smollm2-135m",
    )
    .action(async (model, options) => {
      const { showModels } = await import("../actions/models.ts");
      await showModels(await open(), model, options);
    })
    .addCommand(getModelCommand(open));
}

function getModelCommand(open: OpenContext): Command {
  return new Command("get")
    .description(
      "download a model from the Hub: each file checked, whole or not there; run it again and it goes on",
    )
    .argument("<model>", "one of the list, or owner/name of any model repository")
    .addOption(
      new Option("--out <dir>", "folder that its files are put into")
        .argParser(parseFolder)
        .makeOptionMandatory(),
    )
    .option("--revision <rev>", "a branch, tag or commit instead of the entry's")
    .option("--all", "every file of the repository, not only those that the entry wants")
    .addOption(bandwidthOption())
    .option("--json", "print the end as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  shardmill models get facebook/dinov2-small --out models/dinov2-small --max-bandwidth 20MB\n\nExit: 0 whole, 1 finished with failures, 2 wrong use, 3 could not run, 130/143 stopped by a signal",
    )
    .action(async (model, options) => {
      const { getModelFiles } = await import("../actions/get-model.ts");
      await getModelFiles(await open(), model, options);
    });
}
