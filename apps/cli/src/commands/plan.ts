import { Command } from "commander";
import type { OpenContext } from "../context/command-context.ts";
import { addRequestOptions, asOption } from "./shared-options.ts";

export function planCommand(open: OpenContext): Command {
  const command = new Command("plan")
    .description("what a build would take: parts, pieces, bytes; nothing is started")
    .argument("<dataset>", "a name of the catalogue")
    .addOption(asOption())
    .option("--exact", "read the archives' directories and the captions instead of estimating")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  shardmill plan openvid-1m --parts 72-74");
  return addRequestOptions(command).action(async (dataset, options) => {
    const { showPlan } = await import("../actions/plan.ts");
    await showPlan(await open(), dataset, options);
  });
}
