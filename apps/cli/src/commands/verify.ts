import { Command } from "commander";
import type { OpenContext } from "../context/command-context.ts";

export function verifyCommand(open: OpenContext): Command {
  return new Command("verify")
    .description("hold shards against the format's rules, their manifests and the books")
    .argument("<path>", "a dataset's folder, an output folder, or one .tar; or its s3://bucket/prefix")
    .option("--deep", "also decode every JPEG and check its size, the frame count and times")
    .option("--json", "print {ok, shards, samples, problems} as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  shardmill verify out/openvid-1m --deep\n\nExit: 0 nothing found, 1 problems",
    )
    .action(async (path, options) => {
      const { verify } = await import("../actions/verify.ts");
      await verify(await open(), path, options);
    });
}
