import type { Argument, Command, Option } from "commander";

/** What may stand in a place: nothing to suggest, words, names of the catalogue, files or folders. */
export type Suggestion =
  | { readonly kind: "anything" }
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "dataset" }
  | { readonly kind: "file" }
  | { readonly kind: "folder" };

interface OptionWords {
  readonly long: string;
  readonly description: string;
  /** Null for an option without a value. */
  readonly value: Suggestion | null;
}

/** One command as a shell needs to know it. */
export interface CommandWords {
  /** `` for the program, `build`, `export ledger`. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OptionWords[];
  /** What its first argument may be. */
  readonly argument: Suggestion;
}

/** The program and all its commands, the program first. `models`: what `<model>` may be. */
export function commandWords(command: Command, models: readonly string[], path = ""): CommandWords[] {
  const help = command.createHelp();
  const children = help.visibleCommands(command).filter((child) => child.name() !== "help");
  const own: CommandWords = {
    path,
    commands: children.map((child) => ({ name: child.name(), description: child.description() })),
    options: help.visibleOptions(command).flatMap(optionWords),
    argument: argumentSuggestion(command.registeredArguments[0], models),
  };
  const below = children.flatMap((child) =>
    commandWords(child, models, path === "" ? child.name() : `${path} ${child.name()}`),
  );
  return [own, ...below];
}

function optionWords(option: Option): OptionWords[] {
  const { long, description } = option;
  if (long === undefined || long === null) return [];
  const takesValue = option.required || option.optional;
  return [{ long, description, value: takesValue ? valueSuggestion(option) : null }];
}

function valueSuggestion({ argChoices, flags }: Option): Suggestion {
  if (argChoices !== undefined) return { kind: "words", words: argChoices };
  if (/<(dir|place)>/.test(flags)) return { kind: "folder" };
  return /<(file|png|yaml)>/.test(flags) ? { kind: "file" } : { kind: "anything" };
}

function argumentSuggestion(argument: Argument | undefined, models: readonly string[]): Suggestion {
  if (argument === undefined) return { kind: "anything" };
  if (argument.argChoices !== undefined) return { kind: "words", words: argument.argChoices };
  const name = argument.name();
  if (name === "dataset") return { kind: "dataset" };
  if (name === "model") return { kind: "words", words: models };
  return ["file", "path", "shard", "place"].includes(name) ? { kind: "file" } : { kind: "anything" };
}
