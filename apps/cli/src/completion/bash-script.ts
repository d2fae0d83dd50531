import type { CommandWords, Suggestion } from "./command-words.ts";

/** For bash 4 and newer: `source <(shardmill completion bash)`. */
export function bashScript(commands: readonly CommandWords[], datasets: readonly string[]): string {
  const paths = commands.flatMap(({ path }) => (path === "" ? [] : [`"${path}"`]));
  const values = commands.flatMap(({ path, options }) =>
    options.flatMap(({ long, value }) =>
      value === null ? [] : [`    "${path}|${long}") ${suggest(value, datasets)}; return ;;`],
    ),
  );
  const options = commands.map(
    (command) => `      "${command.path}") ${words(command.options.map(({ long }) => long))} ;;`,
  );
  const places = commands.map((command) => {
    const names = command.commands.map(({ name }) => name);
    const { argument } = command;
    const known = argument.kind === "dataset" ? datasets : argument.kind === "words" ? argument.words : [];
    const own = [...names, ...known];
    const reply = own.length > 0 ? words(own) : suggest(command.argument, datasets);
    return `      "${command.path}") ${reply} ;;`;
  });
  return `# Completion of shardmill for bash; made by: shardmill completion bash
_shardmill() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD - 1]}" path="" next i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="\${path:+$path }\${COMP_WORDS[i]}"
    case "$next" in
      ${paths.join(" | ")}) path="$next" ;;
    esac
  done
  case "$path|$prev" in
${values.join("\n")}
  esac
  if [[ "$cur" == -* ]]; then
    case "$path" in
${options.join("\n")}
    esac
  else
    case "$path" in
${places.join("\n")}
    esac
  fi
}
complete -F _shardmill shardmill`;
}

function suggest(suggestion: Suggestion, datasets: readonly string[]): string {
  switch (suggestion.kind) {
    case "anything":
      return ":";
    case "words":
      return words(suggestion.words);
    case "dataset":
      return words(datasets);
    case "file":
      return 'compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur")';
    case "folder":
      return 'compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$cur")';
    default:
      return suggestion satisfies never;
  }
}

function words(list: readonly string[]): string {
  return `mapfile -t COMPREPLY < <(compgen -W "${list.join(" ")}" -- "$cur")`;
}
