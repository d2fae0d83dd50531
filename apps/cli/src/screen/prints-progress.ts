import type { PrintsProgress } from "@shardmill/mixes";
import type { Console } from "../context/console.ts";
import { cutTo } from "../text/columns.ts";
import { durationText } from "../text/format.ts";
import { LiveLines } from "./live-lines.ts";

const drawEveryMs = 200;
const tellEveryMs = 30_000;

/** Fingerprints while they are made, which of a large output takes a while the first time. */
export class PrintsProgressLine {
  readonly #console: Console;
  readonly #live: LiveLines | null;
  readonly #isQuiet: boolean;
  #began = performance.now();
  #told = performance.now();
  #set = "";

  constructor(console: Console, { isQuiet }: { readonly isQuiet: boolean }) {
    this.#console = console;
    this.#isQuiet = isQuiet;
    this.#live = console.isLive && !isQuiet ? new LiveLines(process.stdout, console.render) : null;
  }

  show(progress: PrintsProgress): void {
    if (this.#isQuiet) return;
    const now = performance.now();
    if (progress.name !== this.#set) [this.#set, this.#began] = [progress.name, now];
    if (progress.made === 0 || now - this.#told < (this.#live === null ? tellEveryMs : drawEveryMs)) return;
    this.#told = now;
    const line = this.#line(progress, (now - this.#began) / 1000);
    if (this.#live === null) this.#console.note(line);
    else this.#live.draw([cutTo(this.#console.paint("dim", line), this.#console.columns)]);
  }

  close(): void {
    this.#live?.clear();
  }

  /** What was kept of earlier costs nearly nothing. */
  #line({ name, done, of, made }: PrintsProgress, seconds: number): string {
    const left = ((of - done) * seconds) / made;
    return `fingerprints of ${name}: ${done} of ${of} shards, ${durationText(left)} left at most`;
  }
}
