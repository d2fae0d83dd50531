import { Command } from "commander";
import type { OpenContext } from "../context/command-context.ts";

export function datasetsCommand(open: OpenContext): Command {
  return new Command("datasets")
    .description("list the catalogue, or show one entry with its licence and citation")
    .argument("[dataset]", "show this one")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  shardmill datasets openvid-1m")
    .action(async (dataset, options) => {
      const { showDatasets } = await import("../actions/datasets.ts");
      await showDatasets(await open(), dataset, options);
    })
    .addCommand(addDatasetCommand(open));
}

function addDatasetCommand(open: OpenContext): Command {
  return new Command("add")
    .description("check a catalogue entry, telling every mistake at once, and add it to your own catalogue")
    .argument("<file>", "an entry in YAML, named like its dataset")
    .option("--replace", "replace your own entry of that name")
    .addHelpText("after", "\nExample:\n  shardmill datasets add my-clips.yaml")
    .action(async (file, options) => {
      const { addDataset } = await import("../actions/add-dataset.ts");
      await addDataset(await open(), file, options);
    });
}
