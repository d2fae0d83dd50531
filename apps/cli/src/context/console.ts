import { randomInt } from "node:crypto";
import { styleText } from "node:util";
import { exactJsonText } from "@shardmill/core";
import { safeJson, safeLines } from "../text/clean-text.ts";
import type { Align } from "../text/columns.ts";
import { tableText } from "../text/format.ts";
import type { Settings } from "./settings.ts";

type Style = Parameters<typeof styleText>[0];

/** What a command prints with. Results go to stdout, everything else to stderr. */
export interface Console {
  /** Whether lines on stdout can be drawn over: a terminal that knows how to, and somebody in front of it. */
  readonly isLive: boolean;
  /** Of the terminal; without bound in a pipe. */
  readonly columns: number;
  out(line: string): void;
  note(line: string): void;
  json(value: unknown): void;
  /** Columns under a bold header, on stdout. */
  table(header: readonly string[], rows: readonly (readonly string[])[], align: readonly Align[]): void;
  /** Style is kept only where `render` sees it. */
  paint(style: Style, text: string): string;
  /**
   * A line as it may go to the terminal: in our own styles, and without anything else that is no text. The one door for
   * all that is printed, whatever it was made of.
   */
  render(line: string): string;
}

/**
 * Escape sequences of our own have a number that no data can know; every other escape sign came from outside. It is two
 * further parameters of the sequence, of four digits at most, so that it is passed over by whatever measures or cuts a line
 * (Node's own stripVTControlCharacters knows no longer ones).
 */
const ownNumber = `${randomInt(1_000, 10_000)};${randomInt(1_000, 10_000)}`;
const sequence = new RegExp(`${String.fromCharCode(27)}\\[([0-9;]+);${ownNumber}m`, "g");
const anySequence = new RegExp(`(${String.fromCharCode(27)}\\[[0-9;]+)m`, "g");

export function openConsole(
  settings: Settings,
  streams: { stdout: NodeJS.WriteStream; stderr: NodeJS.WriteStream },
): Console {
  const out: Console["out"] = (line) => void streams.stdout.write(`${render(line)}\n`);
  const paint: Console["paint"] = (style, text) => (settings.isColourful ? painted(style, text) : text);
  return {
    isLive: settings.isLive,
    get columns() {
      return streams.stdout.columns ?? Number.POSITIVE_INFINITY;
    },
    out,
    note: (line) => void streams.stderr.write(`${render(line)}\n`),
    json: (value) => void streams.stdout.write(`${safeJson(exactJsonText(value, 2))}\n`),
    paint,
    render,
    table(header, rows, align) {
      const [first = "", ...rest] = tableText(header, rows, align);
      out(paint("bold", first));
      for (const line of rest) out(line);
    },
  };
}

/** Text that was painted before keeps its number. */
function painted(style: Style, text: string): string {
  const [open = "", close = ""] = styleText(style, "\0", { validateStream: false }).split("\0");
  const mark = (codes: string): string => codes.replace(anySequence, `$1;${ownNumber}m`);
  return `${mark(open)}${text}${mark(close)}`;
}

function render(line: string): string {
  let rendered = "";
  let from = 0;
  for (const found of line.matchAll(sequence)) {
    rendered += `${safeLines(line.slice(from, found.index))}${String.fromCharCode(27)}[${found[1]}m`;
    from = found.index + found[0].length;
  }
  return rendered + safeLines(line.slice(from));
}
