import { basename } from "node:path";
import { Failure } from "@shardmill/core";
import type { Command } from "commander";
import { bashScript } from "../completion/bash-script.ts";
import { commandWords } from "../completion/command-words.ts";
import { fishScript } from "../completion/fish-script.ts";
import { installScript } from "../completion/install-script.ts";
import { type Shell, shells } from "../completion/shells.ts";
import { zshScript } from "../completion/zsh-script.ts";
import type { CommandContext } from "../context/command-context.ts";

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

interface CompletionOptions {
  readonly install?: true;
  readonly program: Command;
}

/** Made from the program itself, so that it knows what the program knows. */
export async function completion(
  context: CommandContext,
  asked: Shell | undefined,
  { install, program }: CompletionOptions,
): Promise<void> {
  const shell = asked ?? (install === true ? shellOf(process.env.SHELL) : null);
  if (shell === null)
    throw new Failure(
      "wrong_use",
      `name the shell: ${shells.join(", ")}${install === true ? " (SHELL names none of them)" : ""}`,
    );
  const text = await scriptOf(context, shell, program);
  if (install !== true) return context.console.out(text);
  const files = await installScript(shell, text, process.env);
  for (const file of files) context.console.out(`written: ${file}`);
  context.console.out(`It is there in every new ${shell}. New datasets of yours: install it again.`);
}

function shellOf(path: string | undefined): Shell | null {
  const name = path === undefined ? "" : basename(path);
  return shells.find((shell) => shell === name) ?? null;
}

async function scriptOf(
  { catalogue, presets }: CommandContext,
  shell: Shell,
  program: Command,
): Promise<string> {
  const datasets = (await catalogue()).list().map(({ name }) => name);
  const models = (await presets()).models().map(({ name }) => name);
  return scripts[shell](commandWords(program, models), datasets);
}
