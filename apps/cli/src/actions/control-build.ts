import { type BuildRecord, type Control, Failure, partLabel, requireParts } from "@shardmill/core";
import { asRecorded, commandOrigin, joinQueue, liftPause, steerBuild, steerPart } from "@shardmill/owner";
import { connectQueue, type MillQueue } from "@shardmill/queue";
import type { Records } from "@shardmill/store";
import type { CommandContext } from "../context/command-context.ts";
import { hasBuild, openOutput } from "../output/open-output.ts";
import { shellCommand } from "../text/shell-command.ts";

export interface ControlOptions {
  readonly out: string;
  readonly build?: string;
  readonly parts?: string;
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
  const { redisUrl } = settings;
  const isSeen = options.build === undefined || (await hasBuild(options.out, dataset));
  const output = isSeen ? await openOutput(options.out, dataset) : null;
  if (options.parts !== undefined && output === null)
    throw new Failure("wrong_use", "--parts needs the output: give --out where it can be seen");
  const about = options.parts === undefined ? null : `parts ${options.parts}`;
  const asked = { verb, about, origin: commandOrigin() };
  const lines = await asRecorded(
    () => output?.records ?? null,
    asked,
    () => steer({ verb, dataset, options, redisUrl, output }),
    () => ({ result: "done", parts: null }),
  );
  for (const line of lines) console.out(line);
}

interface Steering {
  readonly verb: Verb;
  readonly dataset: string;
  readonly options: ControlOptions;
  readonly redisUrl: string | null;
  /** Null where only the queue can be reached. */
  readonly output: Awaited<ReturnType<typeof openOutput>> | null;
}

async function steer({ verb, dataset, options, redisUrl, output }: Steering): Promise<string[]> {
  const records = output?.records ?? null;
  const queue = await reach(records, redisUrl);
  if (queue === null) {
    if (options.parts !== undefined || records === null || verb !== "resume" || !(await liftPause(records)))
      throw new Failure("wrong_use", `no build of ${dataset} is running in ${options.out}`);
    const again = shellCommand("shardmill", "build", dataset, "--out", options.out);
    return [`${dataset} is no longer paused; nothing of it runs.`, `carry on:   ${again}`];
  }
  try {
    if (output !== null && options.parts !== undefined)
      return await steerParts({ verb, dataset, options, queue, ...output });
    const build = options.build ?? output?.build.build ?? "";
    if ((await steerBuild(queue, records, build, controls[verb])) === "at_rest")
      throw new Failure("wrong_use", `no build of ${dataset} is running at ${queue.address}`);
    return outcome(verb, dataset, options);
  } finally {
    await queue.close();
  }
}

/** One after the other; those that are not at work are told, and all of them being so is a mistake. */
async function steerParts({
  verb,
  dataset,
  options,
  queue,
  records,
  build,
}: Pick<Steering, "verb" | "dataset" | "options"> & {
  readonly queue: MillQueue;
  readonly records: Records;
  readonly build: BuildRecord;
}): Promise<string[]> {
  const named = { name: dataset, subsetNames: build.dataset.subsetNames };
  const asked = [{ list: "parts" as const, text: options.parts ?? "" }];
  const labels = requireParts(named, build.parts, asked).map(partLabel);
  const steered: string[] = [];
  for (const label of labels) {
    const part = { records, build: options.build ?? build.build, label };
    if ((await steerPart(queue, part, controls[verb])) === "steered") steered.push(label);
  }
  const resting = labels.filter((label) => !steered.includes(label));
  if (steered.length === 0)
    throw new Failure("wrong_use", `nothing of ${labels.join(", ")} is at work: there is nothing to ${verb}`);
  const again = shellCommand(
    "shardmill",
    verb === "cancel" ? "retry" : "resume",
    dataset,
    "--parts",
    steered.join(","),
    "--out",
    options.out,
  );
  return [
    `${steered.join(", ")} of ${dataset}: ${partOutcome[verb]}`,
    ...(resting.length === 0 ? [] : [`left alone, not at work: ${resting.join(", ")}`]),
    ...(verb === "resume" ? [] : [`carry on:   ${again}`]),
  ];
}

const partOutcome: Readonly<Record<Verb, string>> = {
  pause: "paused; running shards are handed back, the other parts go on.",
  resume: "goes on.",
  cancel: "cancelled; what is committed stays, the other parts go on.",
};

function reach(records: Records | null, redisUrl: string | null): Promise<MillQueue | null> {
  if (records !== null) return joinQueue(records, redisUrl, "write");
  if (redisUrl === null) throw new Failure("wrong_use", "--build needs REDIS_URL");
  return connectQueue({ url: redisUrl, connectWithinMs: 1_800 });
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
