import { Command } from "commander";
import type { OpenContext } from "../context/command-context.ts";
import { parseSamples, parseShare } from "./parse-options.ts";
import {
  addNotifyOptions,
  addRequestOptions,
  addWorkOptions,
  asOption,
  placeOption,
  scratchOption,
  singleWriterOption,
} from "./shared-options.ts";

export function buildCommand(open: OpenContext): Command {
  const command = new Command("build")
    .description("make a dataset, or some parts of it; what is committed already is not made again")
    .argument("<dataset>", "a name of the catalogue, or a folder of yours")
    .addOption(placeOption())
    .addOption(scratchOption())
    .addOption(singleWriterOption())
    .addOption(asOption())
    .option(
      "--limit <n>",
      "a small build: about so many samples, and what the whole would take",
      parseSamples,
    )
    .option("--sample <share>", "a small build: this share of each part, such as 0.01", parseShare)
    .option("--rebuild", "replace shards of another recipe or source")
    .option("--accept-terms", "accept the conditions of the dataset; a terminal asks for them once")
    .option("--detach", "only enqueue at REDIS_URL; workers there make it")
    .option("--json", "print the end as JSON, like status --json")
    .addHelpText(
      "after",
      "\nExample:\n  shardmill build openvid-1m --parts 72-74 --out /data/shards --workers 16\n\nExit: 0 all parts done, 1 finished with failures, 2 wrong use, 3 could not run, 130/143 stopped by a signal",
    );
  return addNotifyOptions(addWorkOptions(addRequestOptions(command))).action(async (dataset, options) => {
    const { build } = await import("../actions/build.ts");
    await build(await open(), dataset, options);
  });
}
