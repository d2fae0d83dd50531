import { Command } from "commander";
import type { OpenContext } from "../context/command-context.ts";
import { parseWords } from "./parse-options.ts";
import { placeOption } from "./shared-options.ts";

export function cleanCommand(open: OpenContext): Command {
  return new Command("clean")
    .description("show what lies in an output folder or a bucket, with sizes; remove what is asked for")
    .argument("[datasets...]", "builds to look at; all without one")
    .addOption(placeOption())
    .option("--cache <dir>", "look at a cache of parts too")
    .option(
      "--remove <list>",
      "build (of those named), supplements, indexes, logs, temporaries, drafts, overlaps, cache; without it nothing is removed",
      parseWords,
    )
    .option("--yes", "remove without asking")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExample:\n  shardmill clean --out /data/shards\n  shardmill clean --remove temporaries --out s3://bucket/shards\n  shardmill clean openvid-1m-try --remove build,drafts --out /data/shards\n\nNothing that is being worked on is removed, nor any file that Shardmill does\nnot know.",
    )
    .action(async (datasets, options) => {
      const { clean } = await import("../actions/clean.ts");
      await clean(await open(), datasets, options);
    });
}
