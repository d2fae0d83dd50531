import { Command } from "commander";
import type { OpenContext } from "../context/command-context.ts";

export function copyCommand(open: OpenContext): Command {
  return new Command("copy")
    .description(
      "bring an output into another folder or a bucket, each file by its hash, and nothing twice; run it again and it goes on",
    )
    .argument(
      "<path>",
      "an output that has been built, such as out/openvid-1m or s3://bucket/prefix/openvid-1m",
    )
    .argument("<place>", "folder, or s3://bucket/prefix, in which it gets a folder of its name")
    .option(
      "--scratch <dir>",
      "folder for files on their way to a bucket: room for four tars (default: the system's)",
    )
    .option(
      "--single-writer",
      "for a store that keeps no conditional puts: nothing else writes there meanwhile",
    )
    .option("--json", "print the end as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  shardmill copy out/openvid-1m s3://my-bucket/shards\n\nCredentials and region as the AWS SDK takes them; S3_ENDPOINT_URL: other stores.\n\nExit: 0 there, 2 wrong use, 3 could not run, 130/143 stopped by a signal",
    )
    .action(async (path, place, options) => {
      const { copy } = await import("../actions/copy.ts");
      await copy(await open(), { path, place }, options);
    });
}
