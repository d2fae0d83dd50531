import type { FileIdentity } from "@shardmill/core";
import type { FileOutcome, ModelListing } from "@shardmill/models";
import type { Console } from "../context/console.ts";
import { safeText } from "../text/clean-text.ts";
import { cutTo } from "../text/columns.ts";
import { bytesText, plural } from "../text/format.ts";
import { fileLine, leftOutLine, sizeCell } from "./get-result.ts";
import { LiveLines } from "./live-lines.ts";

const drawEveryMs = 200;
const tellEveryMs = 30_000;

interface Active {
  readonly file: FileIdentity;
  phase: "checking" | "fetching";
  doneBytes: number;
}

/** A `get` while it runs: a line for each file that has ended, and on a terminal what is being fetched below them. */
export class GetProgress {
  readonly #console: Console;
  readonly #isQuiet: boolean;
  readonly #live: LiveLines | null;
  readonly #timer: NodeJS.Timeout | null;
  readonly #active = new Map<string, Active>();
  #files = 0;
  #bytes = 0;
  #whole = 0;
  #wholeBytes = 0;

  constructor(console: Console, { isQuiet }: { readonly isQuiet: boolean }) {
    this.#console = console;
    this.#isQuiet = isQuiet;
    this.#live = console.isLive && !isQuiet ? new LiveLines(process.stdout, console.render) : null;
    const tick = (): void => (this.#live === null ? this.#tell() : this.#draw());
    const everyMs = this.#live === null ? tellEveryMs : drawEveryMs;
    this.#timer = isQuiet ? null : setInterval(tick, everyMs).unref();
  }

  listed({ wanted, leftOut }: ModelListing): void {
    this.#files = wanted.length;
    this.#bytes = wanted.reduce((sum, file) => sum + file.sizeBytes, 0);
    if (leftOut.length > 0) this.#line(this.#console.paint("dim", leftOutLine(leftOut)));
  }

  bytes(file: FileIdentity, phase: "checking" | "fetching", doneBytes: number): void {
    const active = this.#active.get(file.path);
    if (active === undefined) this.#active.set(file.path, { file, phase, doneBytes });
    else Object.assign(active, { phase, doneBytes });
  }

  ended(outcome: FileOutcome): void {
    this.#active.delete(outcome.path);
    if (outcome.state !== "failed") {
      this.#whole += 1;
      this.#wholeBytes += outcome.sizeBytes;
    }
    this.#line(fileLine(outcome, this.#console.paint));
  }

  waits(out: string): void {
    this.#note(`another get is at work in ${safeText(out)}; this one waits for it`);
  }

  /** After Ctrl-C, or when nothing more can be fetched: what is there by now, and what the next attempt begins with. */
  stopped(): void {
    if (this.#files === 0) return;
    const kept = [...this.#active.values()].reduce(
      (sum, { phase, doneBytes }) => sum + (phase === "fetching" ? doneBytes : 0),
      0,
    );
    const partly = kept === 0 ? "" : `, and ${bytesText(kept)} of others`;
    this.#note(
      `stopped with ${this.#whole} of ${plural(this.#files, "file")} whole${partly}; the same command goes on from there`,
    );
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#live?.clear();
  }

  #line(line: string): void {
    if (this.#isQuiet) return;
    if (this.#live === null) this.#console.out(line);
    else this.#live.note(line);
  }

  #note(line: string): void {
    this.#live?.clear();
    this.#console.note(line);
  }

  #draw(): void {
    const files = [...this.#active.values()].map(
      ({ file, phase, doneBytes }) =>
        `  ${phase.padEnd(13)}${sizeCell(file.sizeBytes)}  ${safeText(file.path)}  ${this.#console.paint("cyan", shareText(doneBytes, file.sizeBytes))}`,
    );
    const lines = [...files, this.#console.paint("dim", this.#total())];
    this.#live?.draw(lines.map((line) => cutTo(line, this.#console.columns)));
  }

  #tell(): void {
    const files = [...this.#active.values()].map(
      ({ file, phase, doneBytes }) =>
        `${phase} ${safeText(file.path)} ${shareText(doneBytes, file.sizeBytes)}`,
    );
    this.#console.note([this.#total(), ...files].join("; "));
  }

  #total(): string {
    const now = [...this.#active.values()].reduce((sum, { doneBytes }) => sum + doneBytes, this.#wholeBytes);
    return `${this.#whole} of ${plural(this.#files, "file")}, ${bytesText(now)} of ${bytesText(this.#bytes)}`;
  }
}

function shareText(doneBytes: number, sizeBytes: number): string {
  return `${Math.floor((doneBytes / Math.max(1, sizeBytes)) * 100)} %`;
}
