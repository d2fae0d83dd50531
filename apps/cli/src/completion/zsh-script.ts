import type { CommandWords, Suggestion } from "./command-words.ts";

/** For zsh: `source <(shardmill completion zsh)`, or a file `_shardmill` on fpath. */
export function zshScript(commands: readonly CommandWords[], datasets: readonly string[]): string {
  const paths = commands.flatMap(({ path }) => (path === "" ? [] : [quoted(path)]));
  const values = commands.flatMap(({ path, options }) =>
    options.flatMap(({ long, value }) =>
      value === null ? [] : [`    ${quoted(`${path}|${long}`)}) ${suggest(value, datasets)}; return ;;`],
    ),
  );
  const options = commands.map(({ path, options: own }) => {
    const described = own.map(({ long, description }) => quoted(`${long}:${description}`));
    return `      ${quoted(path)}) described=(${described.join(" ")}); _describe option described -o ;;`;
  });
  const places = commands.map(({ path, commands: below, argument }) => {
    const described = below.map(({ name, description }) => quoted(`${name}:${description}`));
    const subcommands =
      below.length === 0 ? "" : `described=(${described.join(" ")}); _describe command described; `;
    return `      ${quoted(path)}) ${subcommands}${suggest(argument, datasets)} ;;`;
  });
  return `#compdef shardmill
# Completion of shardmill for zsh; made by: shardmill completion zsh
_shardmill() {
  local cur="\${words[CURRENT]}" prev="\${words[CURRENT - 1]}" path_so_far="" next word
  local -a described
  for word in "\${(@)words[2,CURRENT - 1]}"; do
    next="\${path_so_far:+$path_so_far }$word"
    case "$next" in
      (${paths.join("|")}) path_so_far="$next" ;;
    esac
  done
  case "$path_so_far|$prev" in
${values.map((line) => line.replace(/^ {4}/, "    (")).join("\n")}
  esac
  if [[ "$cur" == -* ]]; then
    case "$path_so_far" in
${options.map((line) => line.replace(/^ {6}/, "      (")).join("\n")}
    esac
  else
    case "$path_so_far" in
${places.map((line) => line.replace(/^ {6}/, "      (")).join("\n")}
    esac
  fi
}
compdef _shardmill shardmill`;
}

function suggest(suggestion: Suggestion, datasets: readonly string[]): string {
  switch (suggestion.kind) {
    case "anything":
      return ":";
    case "words":
      return `compadd -- ${suggestion.words.join(" ")}`;
    case "dataset":
      return `compadd -- ${datasets.join(" ")}`;
    case "file":
      return "_files";
    case "folder":
      return "_files -/";
    default:
      return suggestion satisfies never;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
