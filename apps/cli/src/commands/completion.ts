import { Argument, Command } from "commander";
import { shells } from "../completion/shells.ts";
import type { OpenContext } from "../context/command-context.ts";

export function completionCommand(open: OpenContext): Command {
  return new Command("completion")
    .description("print the completion script of a shell: commands, options and datasets; or install it")
    .addArgument(new Argument("[shell]", "which shell (with --install: that of SHELL)").choices([...shells]))
    .option("--install", "put it where the shell finds it; installed again, it is replaced")
    .addHelpText(
      "after",
      "\nExample:\n  shardmill completion --install\n  source <(shardmill completion bash)",
    )
    .action(async (shell, options, command) => {
      const { completion } = await import("../actions/completion.ts");
      await completion(await open(), shell, { ...options, program: command.parent });
    });
}
