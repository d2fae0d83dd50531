import { widthOf } from "../text/columns.ts";
import { eraseBelow, eraseToEndOfLine, escapeSign, hideCursor, Lines, showCursor } from "./lines.ts";

/** A block of lines at the bottom of a terminal that is drawn over in place; notes scroll away above it. */
export class LiveLines extends Lines {
  #shown: readonly string[] = [];

  /** One write, line over line, so that nothing flickers. */
  draw(lines: readonly string[]): void {
    const body = lines.map((line) => `${this.render(line)}${eraseToEndOfLine}\n`).join("");
    this.stream.write(`${hideCursor}${this.#toTop()}${body}${eraseBelow}`);
    this.#shown = lines;
  }

  /** Prints above the block, for good. */
  note(line: string): void {
    this.stream.write(`${this.#toTop()}${eraseBelow}${this.render(line)}\n`);
    const shown = this.#shown;
    this.#shown = [];
    if (shown.length > 0) this.draw(shown);
  }

  clear(): void {
    if (this.#shown.length > 0) this.stream.write(`${this.#toTop()}${eraseBelow}${showCursor}`);
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
