import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseDataset, problemText } from "@shardmill/catalogue";
import { type Dataset, Failure } from "@shardmill/core";
import type { CommandContext } from "../context/command-context.ts";
import { exitCodes } from "../process/exit-code.ts";
import { safeText } from "../text/clean-text.ts";
import { shellCommand } from "../text/shell-command.ts";

/** Somebody who mends an entry wants all of them; of what is no entry at all, a few are enough. */
const shownMistakes = 30;

export async function addDataset(
  context: CommandContext,
  file: string,
  options: { readonly replace?: true },
): Promise<void> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch {
    throw new Failure("wrong_use", `${file} cannot be read`);
  }
  const added = await addEntry(context, { file, text }, options);
  if (added === null) return;
  const where = added.source.kind === "folder" ? " --source DIR" : "";
  context.console.out(`look:   ${shellCommand("shardmill", "plan", added.name)}${where}`);
}

/** Puts an entry into the user's catalogue; null when it has mistakes, which are told. */
export async function addEntry(
  context: CommandContext,
  { file, text }: { readonly file: string; readonly text: string },
  options: { readonly replace?: true },
): Promise<Dataset | null> {
  const { console, settings } = context;
  const parsed = parseDataset(text, basename(file));
  if (parsed.kind === "invalid") {
    console.note(`${file} holds ${parsed.problems.length} mistakes:`);
    for (const problem of parsed.problems.slice(0, shownMistakes))
      console.note(`  ${safeText(problemText(problem))}`);
    if (parsed.problems.length > shownMistakes)
      console.note(`  and ${parsed.problems.length - shownMistakes} more`);
    context.setExitCode(exitCodes.wrongUse);
    return null;
  }
  const { name } = parsed.value;
  const target = join(settings.userCatalogue, `${name}.yaml`);
  const isOther = existsSync(target) && (await readFile(target, "utf8").catch(() => null)) !== text;
  if (isOther && options.replace !== true)
    throw new Failure(
      "wrong_use",
      `your catalogue has ${name} already, as another entry (${target}); --replace replaces it`,
    );
  const shipped = (await context.catalogue()).list().some((dataset) => dataset.name === name);
  if (shipped && !existsSync(target))
    console.note(`note: it takes the place of the ${name} that comes with Shardmill`);
  await mkdir(settings.userCatalogue, { recursive: true });
  await writeFile(target, text);
  console.out(`${name} is in your catalogue: ${target}`);
  return parsed.value;
}
