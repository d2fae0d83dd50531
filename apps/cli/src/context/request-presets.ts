import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Presets } from "@shardmill/catalogue";
import { Failure } from "@shardmill/core";
import type { NewBuild } from "@shardmill/pipeline";
import type { CommandContext } from "./command-context.ts";

/** The named recipe of a request, and where the tokenizer is that a recipe names: an entry, or a folder of this machine. */
export async function requestPresets(
  context: Pick<CommandContext, "presets">,
  recipe: string | undefined,
): Promise<Pick<NewBuild, "named" | "tokenizers">> {
  const presets = await context.presets();
  return {
    named: recipe === undefined ? undefined : presets.recipe(recipe),
    tokenizers: (name) => {
      const entry = presets.tokenizer(name);
      if (entry !== null) return { kind: "entry", entry };
      const isFolder = statSync(name, { throwIfNoEntry: false })?.isDirectory() === true;
      if (isFolder) return { kind: "folder", path: resolve(name) };
      throw new Failure("wrong_use", unknownTokenizer(name, presets, ", nor is it a folder"));
    },
  };
}

function unknownTokenizer(name: string, presets: Presets, more: string): string {
  return `there is no tokenizer ${name}${more}; known are ${presets.tokenizerNames().join(", ")}`;
}
