import { Command } from "commander";
import type { OpenContext } from "../context/command-context.ts";

export function demoCommand(open: OpenContext): Command {
  return new Command("demo")
    .description(
      "make a small OpenVid-shaped source, mill it through the queue, verify it, and show the accounts",
    )
    .option("--dir <dir>", "folder for the demo's source and shards", "demo")
    .addHelpText("after", "\nExample:\n  shardmill demo --dir /tmp/demo")
    .action(async (options) => {
      const { runDemo } = await import("../actions/demo.ts");
      await runDemo(await open(), options.dir);
    });
}
