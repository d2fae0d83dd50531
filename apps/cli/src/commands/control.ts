import { Command } from "commander";
import type { OpenContext } from "../context/command-context.ts";
import { placeOption } from "./shared-options.ts";

const descriptions = {
  pause: "hand back the running shards of a build and begin no other until resume",
  resume: "carry on with a paused build",
  cancel: "end a running build; committed shards stay, and build carries on from them",
} as const;

/** `pause`, `resume` and `cancel`: what a person may ask of a running build. */
export function controlCommand(verb: keyof typeof descriptions): (open: OpenContext) => Command {
  return (open) =>
    new Command(verb)
      .description(descriptions[verb])
      .argument("<dataset>", "a dataset that is being built")
      .addOption(placeOption())
      .option(
        "--parts <list>",
        "only these parts, such as 0,72-74 or ai2d:0; retry brings cancelled ones back",
      )
      .option("--build <id>", "the build's id (status --json tells it), where --out cannot be seen")
      .addHelpText("after", `\nExample:\n  shardmill ${verb} openvid-1m --out /data/shards`)
      .action(async (dataset, options) => {
        const { controlBuild } = await import("../actions/control-build.ts");
        await controlBuild(await open(), verb, dataset, options);
      });
}
