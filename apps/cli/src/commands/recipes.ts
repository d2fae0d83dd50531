import { Command } from "commander";
import type { OpenContext } from "../context/command-context.ts";

export function recipesCommand(open: OpenContext): Command {
  return new Command("recipes")
    .description("list the named recipes, or show the settings of one")
    .argument("[recipe]", "show this one")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  shardmill recipes seed-stage2")
    .action(async (recipe, options) => {
      const { showRecipes } = await import("../actions/recipes.ts");
      await showRecipes(await open(), recipe, options);
    });
}
