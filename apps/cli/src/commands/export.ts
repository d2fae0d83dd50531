import { Command, Option } from "commander";
import type { OpenContext } from "../context/command-context.ts";
import { parseParts } from "./parse-options.ts";
import { outOption, partExamples } from "./shared-options.ts";

export function exportCommand(open: OpenContext): Command {
  return new Command("export")
    .description("write records of a build for other tools")
    .addHelpText(
      "after",
      "\nExample:\n  shardmill export ledger openvid-1m --format parquet --file ledger.parquet",
    )
    .addCommand(ledgerCommand(open));
}

function ledgerCommand(open: OpenContext): Command {
  return new Command("ledger")
    .description("the fate of every member: packed, failed or skipped, with key, code and detail")
    .argument("<dataset>", "a dataset that has been built")
    .addOption(outOption())
    .addOption(
      new Option("--format <format>", "of the table").choices(["jsonl", "csv", "parquet"]).default("jsonl"),
    )
    .option("--file <file>", "write here instead of to stdout; parquet needs it")
    .option("--part <list>", `only these parts: ${partExamples}`, parseParts)
    .addHelpText("after", "\nExample:\n  shardmill export ledger openvid-1m --format csv > ledger.csv")
    .action(async (dataset, options) => {
      const { exportLedger } = await import("../actions/export-ledger.ts");
      await exportLedger(await open(), dataset, options);
    });
}
