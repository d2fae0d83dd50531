import { Argument, Command } from "commander";
import type { OpenContext } from "../context/command-context.ts";

export function completionCommand(open: OpenContext): Command {
  return new Command("completion")
    .description("print the completion script of a shell: commands, options and datasets")
    .addArgument(new Argument("<shell>", "which shell").choices(["bash", "zsh", "fish"]))
    .addHelpText(
      "after",
      "\nExample:\n  source <(shardmill completion bash)\n  shardmill completion fish > ~/.config/fish/completions/shardmill.fish",
    )
    .action(async (shell, _options, command) => {
      const { printCompletion } = await import("../actions/completion.ts");
      await printCompletion(await open(), shell, command.parent);
    });
}
