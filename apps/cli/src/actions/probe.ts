import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { Failure } from "@shardmill/core";
import { outputFailure } from "@shardmill/store";
import type { CommandContext } from "../context/command-context.ts";
import { exitCodes } from "../process/exit-code.ts";
import { safeText } from "../text/clean-text.ts";
import { pathWord, shellCommand } from "../text/shell-command.ts";
import { addEntry } from "./add-dataset.ts";
import { draftPlace, lackText, mustBeWhole } from "./draft-place.ts";
import { tryEntry } from "./try-entry.ts";

interface ProbeOptions {
  readonly file?: string;
  readonly add?: true;
  readonly replace?: true;
  readonly build?: true;
  readonly out: string;
}

export async function probe(context: CommandContext, place: string, options: ProbeOptions): Promise<void> {
  const { console } = context;
  if (options.file !== undefined && existsSync(options.file))
    throw new Failure("wrong_use", `${options.file} exists; it is not written over`);
  const draft = await draftPlace(context, place);
  const { name, yaml, remarks, folder } = draft;
  if (options.add === true) {
    mustBeWhole(place, draft);
    for (const remark of remarks) console.note(`note: ${safeText(remark)}`);
    const added = await addEntry(context, { file: `${name}.yaml`, text: yaml }, options);
    if (added === null) return;
    if (options.build === true) await tryEntry(context, { dataset: added, folder }, options.out);
    const where = folder === null ? [] : ["--source", folder];
    const out = options.build === true ? options.out : "DIR";
    return console.out(`build:  ${shellCommand("shardmill", "build", name, ...where, "--out", out)}`);
  }
  if (draft.lacks !== undefined) context.setExitCode(exitCodes.withFailures);
  const lacking = (): void => {
    if (draft.lacks !== undefined) console.note(lackText(place, draft.lacks));
  };
  if (options.file === undefined) {
    console.out(yaml.trimEnd());
    return lacking();
  }
  await writeFile(options.file, yaml).catch((error: unknown) => {
    throw outputFailure(error, "writing", options.file ?? "");
  });
  for (const remark of remarks) console.note(`note: ${safeText(remark)}`);
  console.out(`${options.file} holds a draft from ${draft.files} files.`);
  lacking();
  console.out(`correct it, then:  ${shellCommand("shardmill", "datasets", "add", pathWord(options.file))}`);
}
