import { Failure } from "@shardmill/core";
import { type BuildStatus, type PartStatus, readStatus } from "@shardmill/pipeline/status";
import type { CommandContext } from "../context/command-context.ts";
import { type ListedOutput, listOutputs } from "../output/list-outputs.ts";
import { lookAtQueue } from "../output/queue-view.ts";
import { stateText } from "../screen/state-text.ts";
import { safeText } from "../text/clean-text.ts";
import { bytesText, countText } from "../text/format.ts";
import { placeIn } from "../text/place-text.ts";
import { pathWord, shellCommand } from "../text/shell-command.ts";
import { cureOf } from "./note-stale.ts";
import type { StatusOptions } from "./status.ts";

/** A build in one line. */
interface BuildLine {
  readonly dataset: string;
  /** Of its parts the one that matters most; unreadable: its record cannot be read. */
  readonly state: PartStatus["state"] | "unreadable";
  /** Of the parts that were asked for. */
  readonly parts: { readonly done: number; readonly asked: number; readonly failed: number };
  readonly samples: number;
  readonly failed: number;
  readonly shardBytes: number;
  /** A command, or null where nothing is left to do. */
  readonly next: string | null;
  /** Why nothing is known of it. */
  readonly problem: string | null;
}

/** Every build of an output folder in a line: where it stands, and what comes next. */
export async function showAllStatus(
  context: CommandContext,
  options: StatusOptions & { readonly watch?: true },
): Promise<void> {
  const { console } = context;
  if (options.watch === true) throw new Failure("wrong_use", "--watch follows one build: name it");
  if (options.all === true) throw new Failure("wrong_use", "--all lists the parts of one build: name it");
  const { outputs } = await listOutputs(options.out);
  const lines: BuildLine[] = [];
  for (const output of outputs) lines.push(await lineOf(context, output, options.out));
  if (options.json === true) return console.json({ builds: lines });
  if (lines.length === 0) {
    console.out(`There is no build in ${options.out}.`);
    return console.out(`begin one:  ${shellCommand("shardmill", "build", "DATASET", "--out", options.out)}`);
  }
  const rows = lines.map(({ state, parts, ...line }) => [
    line.dataset,
    state === "unreadable" ? console.paint("red", state) : stateText(console, state),
    `${countText(parts.done)}/${countText(parts.asked)}`,
    countText(line.samples),
    line.failed === 0 ? "0" : console.paint("red", countText(line.failed)),
    line.shardBytes === 0 ? "" : bytesText(line.shardBytes),
    safeText(line.problem ?? line.next ?? ""),
  ]);
  console.table(["build", "state", "parts", "samples", "failed", "size", "next"], rows, [
    ...(["left", "left", "right", "right", "right", "right", "left"] as const),
  ]);
}

async function lineOf({ settings }: CommandContext, output: ListedOutput, out: string): Promise<BuildLine> {
  const nothing = { parts: { done: 0, asked: 0, failed: 0 }, samples: 0, failed: 0, shardBytes: 0 };
  const unreadable = ({ message }: Failure): BuildLine => ({
    ...{ dataset: output.name, state: "unreadable", ...nothing, next: null, problem: message },
  });
  if ("problem" in output) return unreadable(output.problem);
  const { records, build } = output;
  const { view } = await lookAtQueue(settings, records, build);
  const status = await readStatus(records, build, view).catch((error: unknown) => {
    if (error instanceof Failure) return error;
    throw error;
  });
  return status instanceof Failure ? unreadable(status) : readLine(status, out);
}

function readLine(status: BuildStatus, out: string): BuildLine {
  const { dataset, totals } = status;
  const asked = status.parts.filter(({ isAsked, state }) => isAsked && state !== "absent");
  const state = stateOf(asked);
  return {
    dataset,
    state,
    parts: {
      done: asked.filter((part) => part.state === "done").length,
      asked: asked.length,
      failed: asked.filter((part) => part.state === "failed").length,
    },
    samples: totals.samples,
    failed: totals.failed,
    shardBytes: totals.shardBytes,
    next: nextOf(dataset, { state, failed: totals.failed, samples: totals.samples }, out),
    problem: null,
  };
}

const byWeight = ["running", "queued", "failed", "stale", "partial", "missing"] as const;

function stateOf(parts: readonly PartStatus[]): PartStatus["state"] {
  const states = new Set(parts.map(({ state }) => state));
  const first = byWeight.find((state) => states.has(state));
  if (first === "missing" && states.has("done")) return "partial";
  if (first !== undefined) return first;
  return parts.length === 0 ? "missing" : "done";
}

function nextOf(
  dataset: string,
  { state, failed, samples }: Pick<BuildLine, "state" | "failed" | "samples">,
  out: string,
): string | null {
  const command = (verb: string, ...how: string[]): string =>
    shellCommand("shardmill", verb, dataset, ...how, "--out", out);
  switch (state) {
    case "running":
    case "queued":
      return command("status", "--watch");
    case "failed":
      return command("retry", "--failed");
    case "stale":
      return cureOf(dataset, out);
    case "partial":
    case "missing":
      return command("retry", "--missing");
    case "done":
      if (failed > 0) return command("failures");
      return samples === 0 ? null : shellCommand("shardmill", "verify", pathWord(placeIn(out, dataset)));
    case "absent":
    case "unreadable":
      return null;
    default:
      return state satisfies never;
  }
}
