import { Command } from "commander";
import type { OpenContext } from "../context/command-context.ts";
import { placeOption } from "./shared-options.ts";

export function doctorCommand(open: OpenContext): Command {
  return new Command("doctor")
    .description("try every component for real, and say what to do about those that fail")
    .addOption(placeOption())
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  shardmill doctor --out /data/shards\n\nExit: 0 fit to build, 3 not")
    .action(async (options) => {
      const { doctor } = await import("../actions/doctor.ts");
      await doctor(await open(), options);
    });
}
