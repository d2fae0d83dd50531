import { widthOf } from "../text/columns.ts";

const escapeSign = String.fromCharCode(27);
const eraseToEndOfLine = `${escapeSign}[K`;
const eraseBelow = `${escapeSign}[0J`;
const hideCursor = `${escapeSign}[?25l`;
const showCursor = `${escapeSign}[?25h`;

/** Lines that are drawn again and again, as wide and high as the terminal is then. */
export interface Lines {
  readonly columns: number;
  readonly rows: number;
  draw(lines: readonly string[]): void;
  /** Prints a line for good. */
  note(line: string): void;
  /** Takes the block away. */
  clear(): void;
}

/** A block of lines at the bottom of a terminal that is drawn over in place; notes scroll away above it. */
export class LiveLines implements Lines {
  readonly #stream: NodeJS.WriteStream;
  readonly #render: (line: string) => string;
  #shown: readonly string[] = [];

  constructor(stream: NodeJS.WriteStream, render: (line: string) => string) {
    this.#stream = stream;
    this.#render = render;
  }

  get columns(): number {
    return Math.max(20, this.#stream.columns ?? 80);
  }

  get rows(): number {
    return Math.max(8, this.#stream.rows ?? 24);
  }

  /** One write, line over line, so that nothing flickers. */
  draw(lines: readonly string[]): void {
    const body = lines.map((line) => `${this.#render(line)}${eraseToEndOfLine}\n`).join("");
    this.#stream.write(`${hideCursor}${this.#toTop()}${body}${eraseBelow}`);
    this.#shown = lines;
  }

  /** Prints above the block, for good. */
  note(line: string): void {
    this.#stream.write(`${this.#toTop()}${eraseBelow}${this.#render(line)}\n`);
    const shown = this.#shown;
    this.#shown = [];
    if (shown.length > 0) this.draw(shown);
  }

  clear(): void {
    if (this.#shown.length > 0) this.#stream.write(`${this.#toTop()}${eraseBelow}${showCursor}`);
    this.#shown = [];
  }

  /** A terminal that got narrower has broken the lines that stand there into several. */
  #toTop(): string {
    const height = this.#shown.reduce((sum, line) => sum + this.#rowsOf(line), 0);
    return height === 0 ? "\r" : `${escapeSign}[${height}A\r`;
  }

  #rowsOf(line: string): number {
    return Math.max(1, Math.ceil(widthOf(line) / this.columns));
  }
}
