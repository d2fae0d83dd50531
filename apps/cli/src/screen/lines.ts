export const escapeSign = String.fromCharCode(27);
export const eraseToEndOfLine = `${escapeSign}[K`;
export const eraseBelow = `${escapeSign}[0J`;
export const hideCursor = `${escapeSign}[?25l`;
export const showCursor = `${escapeSign}[?25h`;

/** Lines that are drawn again and again, as wide and high as the terminal is then. */
export abstract class Lines {
  protected readonly stream: NodeJS.WriteStream;
  protected readonly render: (line: string) => string;

  /** `render` makes a line safe to show and puts its colours in. */
  constructor(stream: NodeJS.WriteStream, render: (line: string) => string) {
    this.stream = stream;
    this.render = render;
  }

  get columns(): number {
    return Math.max(20, this.stream.columns ?? 80);
  }

  get rows(): number {
    return Math.max(8, this.stream.rows ?? 24);
  }

  abstract draw(lines: readonly string[]): void;
  /** Prints a line for good. */
  abstract note(line: string): void;
  /** Takes the block away. */
  abstract clear(): void;
}
