import type { Command } from "commander";
import { bashScript } from "../completion/bash-script.ts";
import { commandWords } from "../completion/command-words.ts";
import { fishScript } from "../completion/fish-script.ts";
import { zshScript } from "../completion/zsh-script.ts";
import type { CommandContext } from "../context/command-context.ts";

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** Made from the program itself, so that it knows what the program knows. */
export async function printCompletion(
  { console, catalogue, presets }: CommandContext,
  shell: keyof typeof scripts,
  program: Command,
): Promise<void> {
  const datasets = (await catalogue()).list().map(({ name }) => name);
  const models = (await presets()).models().map(({ name }) => name);
  console.out(scripts[shell](commandWords(program, models), datasets));
}
