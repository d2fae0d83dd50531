import { stripVTControlCharacters } from "node:util";

/** A block of lines at the bottom of a terminal that is drawn over in place; notes scroll away above it. */
export class LiveLines {
  readonly #stream: NodeJS.WriteStream;
  #height = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  get columns(): number {
    return Math.max(20, this.#stream.columns ?? 80);
  }

  get rows(): number {
    return Math.max(8, this.#stream.rows ?? 24);
  }

  draw(lines: readonly string[]): void {
    const cursorHome = this.#height > 0 ? `\u001b[${this.#height}A\r` : "\r";
    // Without this a terminal that got narrower would leave parts of longer lines behind.
    this.#stream.write(`${cursorHome}\u001b[0J${lines.join("\n")}\n`);
    this.#height = lines.reduce((sum, line) => sum + this.#rowsOf(line), 0);
  }

  /** Prints above the block, for good. */
  note(line: string): void {
    this.clear();
    this.#stream.write(`${line}\n`);
  }

  clear(): void {
    if (this.#height > 0) this.#stream.write(`\u001b[${this.#height}A\r\u001b[0J`);
    this.#height = 0;
  }

  #rowsOf(line: string): number {
    return Math.max(1, Math.ceil(stripVTControlCharacters(line).length / this.columns));
  }
}
