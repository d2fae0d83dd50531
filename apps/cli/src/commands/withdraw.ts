import { Command } from "commander";
import type { OpenContext } from "../context/command-context.ts";
import { addBucketOptions } from "./shared-options.ts";

export function withdrawCommand(open: OpenContext): Command {
  const collect = (value: string, before: readonly string[] | undefined): string[] => [
    ...(before ?? []),
    value,
  ];
  const command = new Command("withdraw")
    .description(
      "take samples out of an output for good: its lists leave them out at once, and nothing that is made later brings them back",
    )
    .argument(
      "<path>",
      "an output that has been built, such as out/openvid-1m or s3://bucket/prefix/openvid-1m",
    )
    .argument("[keys...]", "keys of samples; with none, and none below, what its origin has withdrawn")
    .option(
      "--member <name>",
      "all samples of this file of the source, in every part; may be given again",
      collect,
    )
    .option(
      "--group <group>",
      "all samples that come of one original, such as yt:---_iRTHryQ; may be given again",
      collect,
    )
    .option("--list <file>", "keys, one a line; members as member:NAME, and groups as --group has them")
    .option("--reason <text>", "why, for the records; it stands in the ledger, too")
    .option("--rewrite", "make every shard again that holds what is withdrawn, from its own bytes")
    .option("--dry-run", "list what would be withdrawn and made again, and do nothing")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExample:\n  shardmill withdraw out/openvid-1m openvid-p0073-000012 --reason 'asked by its author' --rewrite\n\nExit: 0 withdrawn, 1 withdrawn but for names of the list that are not there, 2 wrong use (also a key, --member or --group that is not there), 3 could not run, 130/143 stopped by a signal",
    );
  return addBucketOptions(command).action(async (path, keys, options) => {
    const { withdrawSamples } = await import("../actions/withdraw.ts");
    await withdrawSamples(await open(), { path, keys }, options);
  });
}
