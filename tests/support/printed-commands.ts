import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Pages that a user reads: README.md and docs/. */
export function pages(): { readonly page: string; readonly text: string }[] {
  const docs = readdirSync(`${root}docs`).filter((name) => name.endsWith(".md"));
  return ["README.md", ...docs.map((name) => `docs/${name}`)].map((page) => ({
    page,
    text: readFileSync(`${root}${page}`, "utf8"),
  }));
}

export interface PrintedCommand {
  readonly page: string;
  readonly line: string;
  /** block: a line to be typed; mention: within a sentence, where words may be left away. */
  readonly kind: "block" | "mention";
  /** After `shardmill`. */
  readonly words: readonly string[];
}

/** Every `shardmill ...` of a page: in blocks, in examples of the help, and in the text. */
export function printedCommands(page: string, text: string): PrintedCommand[] {
  const found: PrintedCommand[] = [];
  const add = (line: string, kind: PrintedCommand["kind"]): void => {
    const words = afterShardmill(wordsOf(line));
    if (words !== null) found.push({ page, line: line.trim(), kind, words });
  };
  const fence = /^```(\w*)\n([\s\S]*?)^```/gm;
  for (const [, , body = ""] of text.matchAll(fence))
    for (const line of body.split("\n")) add(line.replace(/^\$ /, ""), "block");
  for (const [, code = ""] of text.replace(fence, "").matchAll(/`([^`]+)`/g))
    if (!code.includes("\n")) add(code, "mention");
  return found;
}

/** The words of a line as a shell takes them, without its comment. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (const [piece] of line.matchAll(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\])+/g)) {
    if (piece.startsWith("#")) break;
    words.push(piece.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g, (_, a, b, c) => a ?? b ?? c));
  }
  return words;
}

/** Null where another command is called. */
function afterShardmill(words: readonly string[]): string[] | null {
  const own = words.filter((word, at) => !/^[A-Z_]+=/.test(word) || at > 0);
  while (/^[A-Z_]+=/.test(own[0] ?? "")) own.shift();
  const called = own.join(" ");
  const begun = /^(?:npx |npm run |source <\()?shardmill(?: --(?= ))?(?: |$)/.exec(called);
  if (begun === null) return null;
  const rest = own.slice(begun[0].trimEnd().split(" ").length).map((word) => word.replace(/[);]+$/, ""));
  const end = rest.findIndex((word) => ["|", "||", "&&", "|", ">", ">>", "&"].includes(word));
  return end === -1 ? rest : rest.slice(0, end);
}

/** A `console` block: what is typed, and what is printed then. */
export interface PrintedRun {
  readonly command: string;
  readonly lines: readonly string[];
}

export function printedRuns(text: string): PrintedRun[] {
  return [...text.matchAll(/^```console\n([\s\S]*?)^```/gm)].flatMap(([, body = ""]) =>
    body
      .split(/^\$ /m)
      .slice(1)
      .map((run) => {
        const [command = "", ...lines] = run.trimEnd().split("\n");
        return { command, lines };
      }),
  );
}

/** The lines of a page's `sh` and `bash` blocks that are commands of ours. */
export function shellLines(text: string): string[] {
  return [...text.matchAll(/^```(?:sh|bash)\n([\s\S]*?)^```/gm)]
    .flatMap(([, body = ""]) => body.split("\n"))
    .filter((line) => afterShardmill(wordsOf(line)) !== null);
}
