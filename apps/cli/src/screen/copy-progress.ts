import type { CopiedFile } from "@shardmill/shards";
import type { Console } from "../context/console.ts";
import { safeText } from "../text/clean-text.ts";
import { cutTo } from "../text/columns.ts";
import { bytesText, plural } from "../text/format.ts";
import { LiveLines } from "./live-lines.ts";

const drawEveryMs = 200;
const tellEveryMs = 30_000;

/** A copy while it runs: how much of it is there, drawn over on a terminal and told now and then elsewhere. */
export class CopyProgress {
  readonly #console: Console;
  readonly #isQuiet: boolean;
  readonly #live: LiveLines | null;
  readonly #timer: NodeJS.Timeout | null;
  #files = 0;
  #bytes = 0;
  #endedFiles = 0;
  #endedBytes = 0;
  #readBytes = 0;
  #last = "";

  constructor(console: Console, { isQuiet }: { readonly isQuiet: boolean }) {
    this.#console = console;
    this.#isQuiet = isQuiet;
    this.#live = console.isLive && !isQuiet ? new LiveLines(process.stdout, console.render) : null;
    const tick = (): void => (this.#live === null ? this.#console.note(this.#total()) : this.#draw());
    const everyMs = this.#live === null ? tellEveryMs : drawEveryMs;
    this.#timer = isQuiet ? null : setInterval(tick, everyMs).unref();
  }

  readonly events = {
    onPlan: (files: number, bytes: number): void => {
      [this.#files, this.#bytes] = [files, bytes];
    },
    onBytes: (bytes: number): void => {
      this.#readBytes += bytes;
    },
    onFile: ({ path, sizeBytes }: CopiedFile): void => {
      this.#endedFiles += 1;
      this.#endedBytes += sizeBytes;
      this.#last = path;
    },
  };

  /** After Ctrl-C, or when it cannot go on. */
  stopped(): void {
    if (this.#isQuiet || this.#files === 0) return;
    this.#live?.clear();
    this.#console.note(`stopped after ${this.#total()}; the same command goes on from there`);
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#live?.clear();
  }

  #draw(): void {
    this.#live?.draw([cutTo(`copying ${safeText(this.#last)}`, this.#console.columns), this.#total()]);
  }

  #total(): string {
    const read = this.#readBytes === 0 ? "" : `, ${bytesText(this.#readBytes)} read`;
    return `${this.#endedFiles} of ${plural(this.#files, "file")}, ${bytesText(this.#endedBytes)} of ${bytesText(this.#bytes)}${read}`;
  }
}
