import type { FileEnd, PushPlan, WantedFile } from "@shardmill/push";
import type { Console } from "../context/console.ts";
import { safeText } from "../text/clean-text.ts";
import { cutTo } from "../text/columns.ts";
import { bytesText, durationText, plural } from "../text/format.ts";
import { sizeCell } from "./get-result.ts";
import { LiveLines } from "./live-lines.ts";
import { bytesOf } from "./push-result.ts";

const drawEveryMs = 200;
const tellEveryMs = 30_000;

const endWords: Readonly<Record<FileEnd, string>> = {
  sent: "sent",
  known: "known there",
  inline: "in the commit",
};

/** A push while it runs: a line a commit, and on a terminal what is being sent and how long it will take. */
export class PushProgress {
  readonly #console: Console;
  readonly #plan: PushPlan;
  readonly #isQuiet: boolean;
  readonly #live: LiveLines | null;
  readonly #timer: NodeJS.Timeout | null;
  readonly #began = performance.now();
  readonly #active = new Map<WantedFile, number>();
  #ended = 0;
  #endedBytes = 0;
  #sentBytes = 0;
  #commits = 0;

  constructor(console: Console, plan: PushPlan, { isQuiet }: { readonly isQuiet: boolean }) {
    this.#console = console;
    this.#plan = plan;
    this.#isQuiet = isQuiet;
    this.#live = console.isLive && !isQuiet ? new LiveLines(process.stdout, console.render) : null;
    const tick = (): void => (this.#live === null ? this.#console.note(this.#total()) : this.#draw());
    const everyMs = this.#live === null ? tellEveryMs : drawEveryMs;
    this.#timer = isQuiet ? null : setInterval(tick, everyMs).unref();
  }

  bytes(file: WantedFile, doneBytes: number): void {
    this.#active.set(file, doneBytes);
  }

  ended(file: WantedFile, end: FileEnd): void {
    this.#active.delete(file);
    this.#ended += 1;
    this.#endedBytes += file.sizeBytes;
    if (end === "sent") this.#sentBytes += file.sizeBytes;
    const word = this.#console.paint(end === "sent" ? "green" : "dim", endWords[end].padEnd(15));
    if (this.#live !== null) this.#live.note(`  ${word}${sizeCell(file.sizeBytes)}  ${safeText(file.path)}`);
  }

  committed(number: number, files: number): void {
    this.#commits = number;
    const line = `commit ${number} of ${this.#plan.batches.length}: ${plural(files, "file")}; ${this.#total()}`;
    if (this.#isQuiet) return;
    if (this.#live === null) this.#console.out(line);
    else this.#live.note(line);
  }

  /** After Ctrl-C, or when it cannot go on. */
  stopped(): void {
    if (this.#isQuiet) return;
    this.#live?.clear();
    const { batches } = this.#plan;
    this.#console.note(
      `stopped after commit ${this.#commits} of ${batches.length}, ${bytesText(this.#sentBytes)} sent; the same command goes on from there`,
    );
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#live?.clear();
  }

  #draw(): void {
    const lines = [...this.#active].map(
      ([{ path, sizeBytes }, done]) =>
        `  ${"sending".padEnd(15)}${sizeCell(sizeBytes)}  ${safeText(path)}  ${this.#console.paint("cyan", `${Math.floor((done / Math.max(1, sizeBytes)) * 100)} %`)}`,
    );
    const all = [...lines, this.#console.paint("dim", this.#total())];
    this.#live?.draw(all.map((line) => cutTo(line, this.#console.columns)));
  }

  /** The pace is that of what is sent: what the Hub has already costs nothing. */
  #total(): string {
    const { send } = this.#plan;
    const allBytes = bytesOf(send);
    const activeBytes = [...this.#active.values()].reduce((sum, bytes) => sum + bytes, 0);
    const perSecond = (this.#sentBytes + activeBytes) / ((performance.now() - this.#began) / 1000);
    const leftBytes = allBytes - this.#endedBytes - activeBytes;
    const eta =
      leftBytes <= 0
        ? ""
        : perSecond < 1
          ? ", ETA when the pace is known"
          : `, ${bytesText(perSecond)}/s, ETA ${durationText(leftBytes / perSecond)}`;
    return `${this.#ended} of ${plural(send.length, "file")}, ${bytesText(this.#endedBytes + activeBytes)} of ${bytesText(allBytes)}${eta}`;
  }
}
