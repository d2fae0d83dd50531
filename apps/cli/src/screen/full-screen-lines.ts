import type { Lines } from "./live-lines.ts";

const escapeSign = String.fromCharCode(27);
const enter = `${escapeSign}[?1049h${escapeSign}[?25l`;
const leave = `${escapeSign}[?25h${escapeSign}[?1049l`;
const home = `${escapeSign}[H`;
const eraseToEndOfLine = `${escapeSign}[K`;
const eraseBelow = `${escapeSign}[0J`;

/**
 * The terminal's second screen, for a command that only watches: whatever a resize does to it is drawn over, and the
 * first screen comes back as it was.
 */
export class FullScreenLines implements Lines {
  readonly #stream: NodeJS.WriteStream;
  readonly #render: (line: string) => string;
  #isOpen = false;

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

  draw(lines: readonly string[]): void {
    const body = lines.map((line) => `${this.#render(line)}${eraseToEndOfLine}`).join("\r\n");
    this.#stream.write(`${this.#isOpen ? "" : enter}${home}${body}${eraseBelow}`);
    this.#isOpen = true;
  }

  /** Nothing scrolls here: what the block shows is all there is. */
  note(): void {}

  clear(): void {
    if (this.#isOpen) this.#stream.write(leave);
    this.#isOpen = false;
  }
}
