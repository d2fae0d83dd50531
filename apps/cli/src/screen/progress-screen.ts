import type { Control } from "@shardmill/core";
import type { BuildStatus } from "@shardmill/pipeline";
import type { JobEvent, ShardProgress } from "@shardmill/queue";
import type { Console } from "../console.ts";
import { bytesText, countText, durationText, safeText } from "../format.ts";
import { BuildModel, type BuildView } from "./build-model.ts";
import { LiveLines } from "./live-lines.ts";
import { renderBuild } from "./render-build.ts";

/** What a person sees of a running build: a live block on a terminal, plain lines in a pipe or in CI. */
export class ProgressScreen {
  readonly #console: Console;
  readonly #live: LiveLines | null;
  readonly #model: BuildModel;
  readonly #comeBack: string;
  readonly #seenStates = new Map<string, string>();
  #lastPlainMs = 0;
  #view: BuildView | null = null;
  readonly #onResize = (): void => this.#draw();

  constructor(options: {
    console: Console;
    stream: NodeJS.WriteStream;
    asked: readonly string[];
    comeBack: string;
  }) {
    this.#console = options.console;
    this.#live = options.console.isTerminal ? new LiveLines(options.stream) : null;
    this.#model = new BuildModel(options.asked, Date.now());
    this.#comeBack = options.comeBack;
    if (this.#live !== null) options.stream.on("resize", this.#onResize);
  }

  queueOpened(kind: string): void {
    this.note(this.#console.paint("dim", `queue: ${kind}`));
  }

  note(line: string): void {
    if (this.#live === null) this.#console.note(line);
    else {
      this.#live.note(line);
      this.#draw();
    }
  }

  control(control: Control): void {
    this.#model.paused = control === "pause";
    if (control !== "run") this.note(control === "pause" ? "the build is paused" : "the build is cancelled");
  }

  event(event: JobEvent): void {
    if (event.kind === "retrying" || event.kind === "failed" || event.kind === "delayed") {
      this.note(this.#console.paint("yellow", safeText(eventText(event))));
    }
  }

  status(status: BuildStatus, progress: readonly ShardProgress[]): void {
    this.#view = this.#model.update(status, progress, Date.now());
    if (this.#live === null) this.#plain(this.#view);
    else this.#draw();
  }

  stopping(isStopped: boolean): void {
    this.#live?.clear();
    this.#view = null;
    if (isStopped)
      this.#console.note(
        `stopping: running shards are handed back; nothing is lost. Carry on with: ${this.#comeBack}`,
      );
  }

  close(): void {
    this.#live?.clear();
    process.stdout.off("resize", this.#onResize);
  }

  #draw(): void {
    if (this.#live === null || this.#view === null) return;
    const { columns, rows } = this.#live;
    this.#live.draw(renderBuild(this.#view, columns, rows, this.#console.paint));
  }

  /** In a pipe: a line when a part's state changes, and one for the whole every ten seconds. */
  #plain(view: BuildView): void {
    for (const { label, state, packed, failed, skipped, shards, error } of view.asked) {
      if (this.#seenStates.get(label) === state) continue;
      const isFirst = !this.#seenStates.has(label);
      this.#seenStates.set(label, state);
      if (isFirst && state === "missing") continue;
      const why = error === null ? "" : `: ${error.code} ${safeText(error.detail)}`;
      this.#console.note(
        `${label} ${state}, ${shards.done}/${shards.total ?? "?"} shards, ${packed} packed, ${failed} failed, ${skipped} skipped${why}`,
      );
    }
    const now = Date.now();
    if (now - this.#lastPlainMs < 10_000) return;
    this.#lastPlainMs = now;
    const { members, perSecond, eta } = view;
    const of = members.of === null ? "" : ` of ${countText(members.of)}`;
    const end = eta === null ? "" : `, ETA ${durationText(eta.seconds)}`;
    this.#console.note(
      `${countText(members.done)}${of} members, ${perSecond.samples.toFixed(1)} samples/s, ${bytesText(perSecond.bytes)}/s${end}`,
    );
  }
}

function eventText({ kind, label, range, attempt, detail }: JobEvent): string {
  const failure = typeof detail === "object" && detail !== null && !Array.isArray(detail) ? detail : {};
  const code = typeof failure.code === "string" ? failure.code : "";
  const message = typeof failure.message === "string" ? failure.message : "";
  const where = [label, range].filter((word) => word !== null).join(" ");
  if (kind === "delayed") {
    const why = typeof failure.why === "string" ? (delays[failure.why] ?? failure.why) : "";
    const forMs = typeof failure.forMs === "number" ? failure.forMs : 0;
    return `${where} waits: ${why}; looks again in ${durationText(forMs / 1000)}`;
  }
  const verb = kind === "retrying" ? `will be tried again (attempt ${attempt ?? "?"} ended)` : kind;
  return `${where} ${verb}: ${code} ${message}`.trim();
}

/** Why a job was put off. None of these uses an attempt. */
const delays: Readonly<Record<string, string>> = {
  output_full: "the output disk is full (output_full); make room and the build goes on by itself",
  pause: "the build is paused",
  twin: "an earlier run of the same job has to end first",
  toolchain_mismatch: "a worker has another version than the build (toolchain_mismatch)",
};
