import { safeText } from "../text/clean-text.ts";

const maxLength = 300;

/** What of a process's output a person should read when it has ended without having done anything, as one line. */
export function lastWords(output: string): string | null {
  const lines = output
    .split("\n")
    .map((line) => line.trimEnd())
    // Lines of its log tell what it did; what ended it is said in plain words.
    .filter((line) => line !== "" && !line.startsWith("{"));
  // Our own refusals, then Node's errors, which stand above their stack, then whatever came last.
  const own = lines.filter((line) => line.startsWith("shardmill: ")).at(-1);
  const isBug = own !== undefined && lines.indexOf(own) < lines.length - 1;
  const error = lines.find((line) => /^(node|error|[A-Z]\w*Error|Error)(\s\[\w+\])?: /.test(line));
  const words = own !== undefined && !(isBug && error !== undefined) ? own : (error ?? lines.at(-1));
  if (words === undefined) return null;
  return safeText(words.replace(/^shardmill: /, ""), maxLength);
}
