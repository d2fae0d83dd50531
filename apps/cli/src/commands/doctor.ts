import { Command, Option } from "commander";
import type { OpenContext } from "../context/command-context.ts";

export function doctorCommand(open: OpenContext): Command {
  return new Command("doctor")
    .description("try every component for real, and say what to do about those that fail")
    .addOption(
      new Option("--out <place>", "output folder, or s3://bucket/prefix to try a bucket").default("out"),
    )
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  shardmill doctor --out /data/shards\n\nExit: 0 fit to build, 3 not")
    .action(async (options) => {
      const { doctor } = await import("../actions/doctor.ts");
      await doctor(await open(), options);
    });
}
