import { Failure } from "@shardmill/core";
import type { CommandContext } from "../context/command-context.ts";
import { type RemakeOptions, remakeOutput } from "./remake-output.ts";

export interface LayoutOptions extends Omit<RemakeOptions, "set" | "recipe"> {
  readonly layout: "packed" | "fixed";
  readonly frames?: number;
}

/** The recipe's setting is the truth of it: an output that is laid out is one that was built so. */
export async function layOut(
  context: CommandContext,
  path: string,
  { layout, frames, ...options }: LayoutOptions,
): Promise<void> {
  await remakeOutput(context, path, { ...options, set: [`layout=${settingOf(layout, frames)}`] });
}

function settingOf(layout: LayoutOptions["layout"], frames: number | undefined): string {
  if (layout === "packed") {
    if (frames === undefined) return layout;
    throw new Failure("wrong_use", "--frames is for fixed: packed holds all pictures of a sample");
  }
  if (frames !== undefined) return `${layout}-${frames}`;
  throw new Failure("wrong_use", "fixed needs --frames N: so many pictures has every sample then");
}
