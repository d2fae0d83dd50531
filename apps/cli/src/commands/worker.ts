import { Command, Option } from "commander";
import type { OpenContext } from "../context/command-context.ts";
import { parseCount } from "./parse-options.ts";
import { addCapacityOptions, addNetworkOptions, placeOption, scratchOption } from "./shared-options.ts";

export function workerCommand(open: OpenContext): Command {
  const command = new Command("worker")
    .description(
      "take jobs from the queue at REDIS_URL until told to stop; any number, on any machine that shares --out",
    )
    .addOption(placeOption())
    .addOption(scratchOption())
    .option("--shards <n>", "shards under way at once (default: 2, or more for many clips)", parseCount)
    .option("--plans <n>", "parts planned at once", parseCount, 2)
    .addOption(new Option("--role <role>", "what to take").choices(["all", "plan", "mill"]).default("all"))
    .option("--drain", "on SIGTERM finish the running shards first")
    .addOption(new Option("--part-of <name>", "the worker that this is a further process of").hideHelp())
    .addOption(new Option("--owned", "end with the process that started this one").hideHelp())
    .addHelpText(
      "after",
      "\nExample:\n  REDIS_URL=redis://queue:6379 shardmill worker --out /mnt/shards --workers 16\n\nExit: 130/143 stopped by a signal, as it is meant to be; 2 wrong use, 3 could not run",
    );
  return addNetworkOptions(addCapacityOptions(command)).action(async (options) => {
    const { runWorker } = await import("../actions/worker.ts");
    await runWorker(await open(), options);
  });
}
