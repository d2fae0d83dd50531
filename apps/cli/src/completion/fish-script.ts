import type { CommandWords, Suggestion } from "./command-words.ts";

/** For fish: `shardmill completion fish > ~/.config/fish/completions/shardmill.fish`. */
export function fishScript(commands: readonly CommandWords[], datasets: readonly string[]): string {
  const paths = commands.flatMap(({ path }) => (path === "" ? [] : [quoted(path)]));
  const lines = commands.flatMap(({ path, commands: below, options, argument }) => {
    const here = `complete -c shardmill -n ${quoted(`__shardmill_at ${quoted(path)}`)}`;
    return [
      ...below.map(({ name, description }) => `${here} -a ${name} -d ${quoted(description)}`),
      ...argumentLines(here, argument, datasets),
      ...options.map(
        ({ long, description, value }) =>
          `${here} -l ${long.replace(/^--/, "")} -d ${quoted(description)}${value === null ? "" : valueFlags(value, datasets)}`,
      ),
    ];
  });
  return `# Completion of shardmill for fish; made by: shardmill completion fish
function __shardmill_at
  set -l path ""
  for word in (commandline -opc)[2..-1]
    set -l next (string trim -- "$path $word")
    contains -- "$next" ${paths.join(" ")}; and set path $next
  end
  test "$path" = "$argv[1]"
end
complete -c shardmill -f
${lines.join("\n")}`;
}

function argumentLines(here: string, argument: Suggestion, datasets: readonly string[]): string[] {
  switch (argument.kind) {
    case "anything":
      return [];
    case "words":
      return [`${here} -a ${quoted(argument.words.join(" "))}`];
    case "dataset":
      return [`${here} -a ${quoted(datasets.join(" "))}`];
    case "file":
    case "folder":
      return [`${here} -F`];
    default:
      return argument satisfies never;
  }
}

function valueFlags(value: Suggestion, datasets: readonly string[]): string {
  switch (value.kind) {
    case "anything":
      return " -x";
    case "words":
      return ` -xa ${quoted(value.words.join(" "))}`;
    case "dataset":
      return ` -xa ${quoted(datasets.join(" "))}`;
    case "file":
    case "folder":
      return " -rF";
    default:
      return value satisfies never;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
