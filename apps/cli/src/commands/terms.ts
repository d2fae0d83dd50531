import { Command } from "commander";
import type { OpenContext } from "../context/command-context.ts";

export function termsCommand(open: OpenContext): Command {
  return new Command("terms")
    .description("what may be done with each dataset, subset and model, as far as it is known")
    .argument("[name]", "a dataset with all of its subsets, or a model")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExample:\n  shardmill terms the-cauldron\n\nWhat you know yourself stands under terms in ~/.config/shardmill/config.yaml.",
    )
    .action(async (name, options) => {
      const { showTerms } = await import("../actions/terms.ts");
      await showTerms(await open(), name, options);
    });
}
