import { Command } from "commander";
import type { OpenContext } from "../context/command-context.ts";
import { collectWord, parsePort } from "./parse-options.ts";
import {
  addCapacityOptions,
  addNetworkOptions,
  addNotifyOptions,
  placeOption,
  scratchOption,
  singleWriterOption,
} from "./shared-options.ts";

export function serveCommand(open: OpenContext): Command {
  const command = new Command("serve")
    .description("the API and the dashboard; without REDIS_URL also a private queue")
    .addOption(placeOption())
    .addOption(scratchOption())
    .addOption(singleWriterOption())
    .option("--host <address>", "address to listen on; any but loopback needs SHARDMILL_TOKEN", "127.0.0.1")
    .option("--port <n>", "port; 0 takes a free one", parsePort, 7373)
    .option(
      "--source-folder <dataset=dir>",
      "a local folder for a dataset instead of its Hub repository (repeatable)",
      collectWord,
      [],
    )
    .option(
      "--allow-host <name>",
      "a further name by which it is reached, such as a proxy's (repeatable)",
      collectWord,
      [],
    )
    .option("--no-local-worker", "start no worker here; others take the jobs")
    .addHelpText(
      "after",
      "\nExample:\n  shardmill serve --out /data/shards\n  shardmill serve --out s3://bucket/shards\n  SHARDMILL_TOKEN=... shardmill serve --host 0.0.0.0 --out /data/shards\n\nExit: 130/143 stopped by a signal, as it is meant to be; 2 wrong use, 3 could not run",
    );
  return addNotifyOptions(addNetworkOptions(addCapacityOptions(command))).action(async (options) => {
    const { serve } = await import("../actions/serve.ts");
    await serve(await open(), options);
  });
}
