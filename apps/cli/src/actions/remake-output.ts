import { dirname } from "node:path";
import { asOutput, Failure } from "@shardmill/core";
import { readToolchain } from "@shardmill/media";
import { outputPlace } from "@shardmill/store";
import type { RecipeOptions } from "../commands/shared-options.ts";
import type { CommandContext } from "../context/command-context.ts";
import { requestPresets } from "../context/request-presets.ts";
import { openOutput } from "../output/open-output.ts";
import { settleTerms, type TermsOptions } from "../output/settle-terms.ts";
import { composed, type MakeOptions, makeBuild, refuseDetached } from "./build.ts";
import { selectParts } from "./select-parts.ts";

export interface RemakeOptions extends RecipeOptions, TermsOptions, Omit<MakeOptions, "out"> {
  readonly as: string;
  readonly parts?: string;
}

/**
 * The samples of a finished output with other text or in another layout, as the settings say. The new output lies beside the old one,
 * under the same root: so its workers find both.
 */
export async function remakeOutput(
  context: CommandContext,
  path: string,
  options: RemakeOptions,
): Promise<void> {
  refuseDetached(context, options);
  const { root: out, name: origin } = outputPlace(path);
  if (options.as === origin) throw new Failure("wrong_use", `--as ${options.as}: that is the output itself`);
  const { build } = await openOutput(out, origin);
  const named = (await context.catalogue()).list().find(({ name }) => name === options.as);
  if (named !== undefined)
    throw new Failure("wrong_use", `--as ${options.as}: that is the name of a dataset`);
  const request = {
    dataset: asOutput(build.dataset, options.as),
    entry: build.entry ?? build.dataset.name,
    origin,
    sourceFolder: null,
    parts: selectParts(build.dataset, options),
    settings: options.set,
    ...(await requestPresets(context, options.recipe)),
    rebuild: options.rebuild === true,
    toolchain: (decoder: "libav" | "process") => readToolchain(decoder),
  };
  const made = { ...options, out: shown(path) };
  const keepTerms = await settleTerms(context, { dataset: request.dataset, outRoot: out, origin }, options);
  const composedBuild = await composed(context, request, made);
  await keepTerms();
  await makeBuild(context, composedBuild, made);
}

/** As it was given, for the commands that are printed. */
function shown(path: string): string {
  return dirname(path.replace(/\/+$/, ""));
}
