import { styleText } from "node:util";
import { type Align, tableText } from "./format.ts";
import type { Settings } from "./settings.ts";

type Style = Parameters<typeof styleText>[0];

/** What a command prints with. Results go to stdout, everything else to stderr. */
export interface Console {
  readonly isTerminal: boolean;
  /** Of the terminal; without bound in a pipe. */
  readonly columns: number;
  out(line: string): void;
  note(line: string): void;
  json(value: unknown): void;
  /** Columns under a bold header, on stdout. */
  table(header: readonly string[], rows: readonly (readonly string[])[], align: readonly Align[]): void;
  paint(style: Style, text: string): string;
}

export function openConsole(
  settings: Settings,
  streams: { stdout: NodeJS.WriteStream; stderr: NodeJS.WriteStream },
): Console {
  const out: Console["out"] = (line) => void streams.stdout.write(`${line}\n`);
  const paint: Console["paint"] = (style, text) =>
    settings.isColourful ? styleText(style, text, { validateStream: false }) : text;
  return {
    isTerminal: streams.stdout.isTTY === true,
    get columns() {
      return streams.stdout.columns ?? Number.POSITIVE_INFINITY;
    },
    out,
    note: (line) => void streams.stderr.write(`${line}\n`),
    json: (value) => void streams.stdout.write(`${JSON.stringify(value, null, 2)}\n`),
    paint,
    table(header, rows, align) {
      const [first = "", ...rest] = tableText(header, rows, align);
      out(paint("bold", first));
      for (const line of rest) out(line);
    },
  };
}
