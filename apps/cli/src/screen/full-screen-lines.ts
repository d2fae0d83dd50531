import { eraseBelow, eraseToEndOfLine, escapeSign, hideCursor, Lines, showCursor } from "./lines.ts";

const enter = `${escapeSign}[?1049h${hideCursor}`;
const leave = `${showCursor}${escapeSign}[?1049l`;
const home = `${escapeSign}[H`;

/**
 * The terminal's second screen, for a command that only watches: whatever a resize does to it is drawn over, and the
 * first screen comes back as it was.
 */
export class FullScreenLines extends Lines {
  #isOpen = false;

  draw(lines: readonly string[]): void {
    const body = lines.map((line) => `${this.render(line)}${eraseToEndOfLine}`).join("\r\n");
    this.stream.write(`${this.#isOpen ? "" : enter}${home}${body}${eraseBelow}`);
    this.#isOpen = true;
  }

  /** Nothing scrolls here: what the block shows is all there is. */
  note(): void {}

  clear(): void {
    if (this.#isOpen) this.stream.write(leave);
    this.#isOpen = false;
  }
}
