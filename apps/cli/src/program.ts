import { Command } from "commander";
import { adoptCommand } from "./commands/adopt.ts";
import { buildCommand } from "./commands/build.ts";
import { cleanCommand } from "./commands/clean.ts";
import { completionCommand } from "./commands/completion.ts";
import { controlCommand } from "./commands/control.ts";
import { copyCommand } from "./commands/copy.ts";
import { datasetsCommand } from "./commands/datasets.ts";
import { demoCommand } from "./commands/demo.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { exportCommand } from "./commands/export.ts";
import { failuresCommand } from "./commands/failures.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { layoutCommand } from "./commands/layout.ts";
import { mixCommand } from "./commands/mix.ts";
import { modelsCommand } from "./commands/models.ts";
import { overlapCommand } from "./commands/overlap.ts";
import { planCommand } from "./commands/plan.ts";
import { probeCommand } from "./commands/probe.ts";
import { provenanceCommand } from "./commands/provenance.ts";
import { pushCommand } from "./commands/push.ts";
import { recipesCommand } from "./commands/recipes.ts";
import { reportCommand } from "./commands/report.ts";
import { retryCommand } from "./commands/retry.ts";
import { serveCommand } from "./commands/serve.ts";
import { splitCommand } from "./commands/split.ts";
import { statusCommand } from "./commands/status.ts";
import { termsCommand } from "./commands/terms.ts";
import { tokenizeCommand } from "./commands/tokenize.ts";
import { verifyCommand } from "./commands/verify.ts";
import { withdrawCommand } from "./commands/withdraw.ts";
import { workerCommand } from "./commands/worker.ts";
import type { OpenContext } from "./context/command-context.ts";
import { safeLines } from "./text/clean-text.ts";
import { VersionsAsked } from "./version.ts";

const commands = [
  demoCommand,
  doctorCommand,
  datasetsCommand,
  recipesCommand,
  modelsCommand,
  termsCommand,
  probeCommand,
  planCommand,
  buildCommand,
  tokenizeCommand,
  layoutCommand,
  mixCommand,
  splitCommand,
  overlapCommand,
  reportCommand,
  pushCommand,
  copyCommand,
  statusCommand,
  controlCommand("pause"),
  controlCommand("resume"),
  controlCommand("cancel"),
  failuresCommand,
  retryCommand,
  adoptCommand,
  withdrawCommand,
  verifyCommand,
  inspectCommand,
  exportCommand,
  provenanceCommand,
  serveCommand,
  workerCommand,
  cleanCommand,
  completionCommand,
];

/**
 * The whole command line. Wrong use ends with exit 2 and one line that names the nearest right word. A command holds
 * only its words and loads its work when it is called: help and mistakes answer at once.
 */
export function buildProgram(open: OpenContext): Command {
  const program = new Command("shardmill")
    .description(
      "Mills public video, image and text datasets into WebDataset shards for training vision-language models.",
    )
    .option("-V, --version", "versions of Shardmill and of what its bytes depend on")
    .on("option:version", () => {
      throw new VersionsAsked();
    })
    .showSuggestionAfterError(true)
    .showHelpAfterError("(see --help)")
    .enablePositionalOptions()
    .addHelpText(
      "after",
      "\nExample:\n  shardmill build openvid-1m --parts 72-74 --out /data/shards\n\nEnvironment: REDIS_URL, HF_ENDPOINT, HF_TOKEN, SHARDMILL_TOKEN, SHARDMILL_WEBHOOK_SECRET, NO_COLOR",
    );
  program.exitOverride().configureOutput({ writeErr: (text) => void process.stderr.write(safeLines(text)) });
  for (const command of commands) program.addCommand(inherit(command(open)));
  return program;
}

/** Subcommands that were made apart do not take over the parent's ways by themselves. */
function inherit(command: Command): Command {
  command
    .exitOverride()
    .configureOutput({ writeErr: (text) => void process.stderr.write(safeLines(text)) })
    .showSuggestionAfterError(true)
    .showHelpAfterError("(see --help)");
  for (const child of command.commands) inherit(child);
  return command;
}
