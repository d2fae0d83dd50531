import { Command } from "commander";
import type { OpenContext } from "../context/command-context.ts";
import { parseParts } from "./parse-options.ts";
import {
  addNotifyOptions,
  addWorkOptions,
  partExamples,
  placeOption,
  scratchOption,
  singleWriterOption,
} from "./shared-options.ts";

export function retryCommand(open: OpenContext): Command {
  const command = new Command("retry")
    .description(
      "run again exactly what is missing, failed, stale or damaged, with the source and recipe of the build",
    )
    .argument("<dataset>", "a dataset that has been built")
    .addOption(placeOption())
    .addOption(scratchOption())
    .addOption(singleWriterOption())
    .option(
      "--missing",
      "parts and shards without a valid manifest, of the parts that builds here have asked for",
    )
    .option("--all", "with --missing: of the whole dataset")
    .option("--failed", "parts that failed")
    .option("--stale", "parts whose source or recipe has changed: plan them anew, make what differs")
    .option("--corrupt", "shards that do not pass verification")
    .option(
      "--failed-samples",
      "only the samples that failed with a retryable code, into a supplementary shard",
    )
    .option("--code <list>", "with --failed-samples: these codes instead")
    .option(
      "--parts <list>",
      `these parts only, such as ${partExamples}; alone, as far as they are not done`,
      parseParts,
    )
    .option("--source <dir>", "read from this folder instead of the recorded source")
    .option("--dry-run", "list what would run, and why; start nothing")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  shardmill retry openvid-1m --missing --dry-run");
  return addNotifyOptions(addWorkOptions(command)).action(async (dataset, options) => {
    const { retry } = await import("../actions/retry.ts");
    await retry(await open(), dataset, options);
  });
}
