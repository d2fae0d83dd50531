import type { LogLine } from "../contract/index.ts";

const mostOfPart = 200;
const mostParts = 200;

/** The last lines of the parts that were heard of last: those of one do not push out another's. */
export class LiveLines {
  readonly #parts = new Map<string, LogLine[]>();

  add(dataset: string, line: LogLine): void {
    if (line.label === null) return;
    const key = keyOf(dataset, line.label);
    const lines = this.#parts.get(key) ?? [];
    lines.push(line);
    if (lines.length > mostOfPart) lines.shift();
    // The one that was heard of last stands last.
    this.#parts.delete(key);
    this.#parts.set(key, lines);
    const [oldest] = this.#parts.keys();
    if (this.#parts.size > mostParts && oldest !== undefined) this.#parts.delete(oldest);
  }

  of(dataset: string, label: string): readonly LogLine[] {
    return this.#parts.get(keyOf(dataset, label)) ?? [];
  }
}

function keyOf(dataset: string, label: string): string {
  return `${dataset}/${label}`;
}
