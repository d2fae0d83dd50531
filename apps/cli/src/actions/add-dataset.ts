import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseDataset, problemText } from "@shardmill/catalogue";
import { Failure } from "@shardmill/core";
import type { CommandContext } from "../command-context.ts";
import { exitCodes } from "../exit-code.ts";
import { shellCommand } from "../shell-command.ts";

export async function addDataset(
  context: CommandContext,
  file: string,
  options: { readonly replace?: true },
): Promise<void> {
  const { console, settings } = context;
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch {
    throw new Failure("wrong_use", `${file} cannot be read`);
  }
  const parsed = parseDataset(text, basename(file));
  if (parsed.kind === "invalid") {
    console.note(`${file} holds ${parsed.problems.length} mistakes:`);
    for (const problem of parsed.problems) console.note(`  ${problemText(problem)}`);
    return context.setExitCode(exitCodes.wrongUse);
  }
  const { name } = parsed.dataset;
  const target = join(settings.userCatalogue, `${name}.yaml`);
  if (existsSync(target) && options.replace !== true)
    throw new Failure("wrong_use", `your catalogue has ${name} already (${target}); --replace replaces it`);
  const shipped = (await context.catalogue()).list().some((dataset) => dataset.name === name);
  if (shipped && !existsSync(target))
    console.note(`note: it takes the place of the ${name} that comes with Shardmill`);
  await mkdir(settings.userCatalogue, { recursive: true });
  await copyFile(file, target);
  console.out(`${name} is in your catalogue: ${target}`);
  console.out(
    `look:   ${shellCommand("shardmill", "plan", name)}${parsed.dataset.source.kind === "folder" ? " --source DIR" : ""}`,
  );
}
