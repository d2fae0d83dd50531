import { Command, Option } from "commander";
import type { OpenContext } from "../context/command-context.ts";
import { parseAmount, parseFolder, parseRepo } from "./parse-options.ts";

export function pushCommand(open: OpenContext): Command {
  return new Command("push")
    .description(
      "send an output to a dataset repository of the Hub: what is lacking there, and nothing twice; run it again and it goes on",
    )
    .argument("<path>", "an output that has been built, such as out/openvid-1m", parseFolder)
    .argument("<repo>", "owner/name of the repository; it is made where there is none", parseRepo)
    .option("--private", "make the repository private")
    .option("--branch <name>", "branch that is pushed to; it is made where there is none", "main")
    .addOption(
      new Option("--layout <layout>", "push only if its samples lie so (see: shardmill layout)").choices([
        "frames",
        "packed",
        "fixed",
      ]),
    )
    .option("--dry-run", "list what would be sent and removed, and do nothing")
    .option(
      "--despite-terms",
      "push although the terms forbid redistribution, or nobody knows whether they do",
    )
    .addOption(
      new Option("--max-bandwidth <bytes>", "bytes a second to send at most, such as 50MB").argParser(
        parseAmount(1_000, "1kB"),
      ),
    )
    .option("--json", "print the end as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  HF_TOKEN=hf_... shardmill push out/openvid-1m me/openvid-224 --private\n\nExit: 0 there, 2 wrong use, 3 could not run, 130/143 stopped by a signal",
    )
    .action(async (path, repo, options) => {
      const { pushOutput } = await import("../actions/push.ts");
      await pushOutput(await open(), { path, repo }, options);
    });
}
