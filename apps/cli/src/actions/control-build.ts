import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type Control, Failure } from "@shardmill/core";
import { joinQueue, liftPause, steerBuild } from "@shardmill/owner";
import { connectQueue, type MillQueue } from "@shardmill/queue";
import type { Records } from "@shardmill/store";
import type { CommandContext } from "../context/command-context.ts";
import { openOutput } from "../output/open-output.ts";
import { shellCommand } from "../text/shell-command.ts";

export interface ControlOptions {
  readonly out: string;
  readonly build?: string;
}

type Verb = "pause" | "resume" | "cancel";

const controls: Readonly<Record<Verb, Control>> = { pause: "pause", resume: "run", cancel: "cancel" };

/** Tells a running build what a person wants; every worker of it hears it within a second or two. */
export async function controlBuild(
  { console, settings }: CommandContext,
  verb: Verb,
  dataset: string,
  options: ControlOptions,
): Promise<void> {
  const { build, queue, records } = await reach(settings, dataset, options);
  if (queue === null) {
    if (verb !== "resume" || !(await liftPause(records)))
      throw new Failure("wrong_use", `no build of ${dataset} is running in ${options.out}`);
    const again = shellCommand("shardmill", "build", dataset, "--out", options.out);
    return console.out(`${dataset} is no longer paused; nothing of it runs.\ncarry on:   ${again}`);
  }
  try {
    if ((await steerBuild(queue, records, build, controls[verb])) === "at_rest")
      throw new Failure("wrong_use", `no build of ${dataset} is running at ${queue.address}`);
    for (const line of outcome(verb, dataset, options)) console.out(line);
  } finally {
    await queue.close();
  }
}

async function reach(
  settings: CommandContext["settings"],
  dataset: string,
  options: ControlOptions,
): Promise<
  | { build: string; queue: MillQueue; records: Records | null }
  | { build: string; queue: null; records: Records }
> {
  if (options.build !== undefined && !existsSync(resolve(options.out, dataset))) {
    if (settings.redisUrl === null) throw new Failure("wrong_use", "--build needs REDIS_URL");
    return {
      build: options.build,
      queue: await connectQueue({ url: settings.redisUrl, connectWithinMs: 1_800 }),
      records: null,
    };
  }
  const { records, build } = await openOutput(options.out, dataset);
  const queue = await joinQueue(records, settings.redisUrl, "write");
  return { build: options.build ?? build.build, queue, records };
}

function outcome(verb: Verb, dataset: string, { out }: ControlOptions): string[] {
  switch (verb) {
    case "pause":
      return [
        `${dataset} is paused; running shards are handed back.`,
        `carry on:   ${shellCommand("shardmill", "resume", dataset, "--out", out)}`,
      ];
    case "resume":
      return [
        `${dataset} carries on.`,
        `watch it:   ${shellCommand("shardmill", "status", dataset, "--watch", "--out", out)}`,
      ];
    case "cancel":
      return [
        `${dataset} is cancelled; what is committed stays.`,
        `carry on:   ${shellCommand("shardmill", "build", dataset, "--out", out)}`,
      ];
    default:
      return verb satisfies never;
  }
}
