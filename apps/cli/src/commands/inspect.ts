import { Command } from "commander";
import type { OpenContext } from "../context/command-context.ts";

export function inspectCommand(open: OpenContext): Command {
  return new Command("inspect")
    .description("look into a shard: its samples, or one sample's metadata; reads only what it shows")
    .argument("<shard>", "a .tar file, or its s3://bucket/prefix")
    .argument("[key]", "one sample of it")
    .option("--sheet <png>", "write a picture of the sample's frames, or of the first 60 samples")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExample:\n  shardmill inspect out/openvid-1m/openvid-1m-p0073-0000.tar openvid-p0073-000012 --sheet frames.png",
    )
    .action(async (shard, key, options) => {
      const { inspect } = await import("../actions/inspect.ts");
      await inspect(await open(), shard, key ?? null, options);
    });
}
