import type { Control } from "@shardmill/core";
import type { BuildStatus } from "@shardmill/pipeline";
import type { JobEvent, JobProgress } from "@shardmill/queue";
import type { Console } from "../context/console.ts";
import { safeText } from "../text/clean-text.ts";
import { cutTo } from "../text/columns.ts";
import { durationText } from "../text/format.ts";
import { BuildModel, type BuildPhase, type BuildView } from "./build-model.ts";
import { FullScreenLines } from "./full-screen-lines.ts";
import type { Lines } from "./lines.ts";
import { LiveLines } from "./live-lines.ts";
import { PlainProgress } from "./plain-progress.ts";
import { refusalText } from "./refusal-text.ts";
import { renderBuild } from "./render-build.ts";

/** What a person sees of a running build: a live block on a terminal, plain lines in a pipe or in CI. */
export class ProgressScreen {
  readonly #console: Console;
  readonly #stream: NodeJS.WriteStream;
  readonly #live: Lines | null;
  readonly #model: BuildModel;
  readonly #plain = new PlainProgress();
  readonly #comeBack: string;
  readonly #footer: string;
  readonly #refusing = new Set<string>();
  #control: Control = "run";
  #view: BuildView | null = null;
  readonly #onResize = (): void => this.#draw();

  constructor(options: {
    console: Console;
    stream: NodeJS.WriteStream;
    asked: readonly string[];
    /** The command that carries on with a stopped build. */
    comeBack?: string;
    /** When the build began, milliseconds since the epoch; default now. */
    startedMs?: number;
    /** For a command that only watches: the terminal is as before when it ends. */
    isFullScreen?: boolean;
    /** Shown below the live block. */
    footer?: string;
  }) {
    this.#console = options.console;
    const Block = options.isFullScreen === true ? FullScreenLines : LiveLines;
    this.#live = options.console.isLive ? new Block(options.stream, options.console.render) : null;
    this.#model = new BuildModel(options.asked, options.startedMs ?? Date.now());
    this.#stream = options.stream;
    this.#comeBack = options.comeBack ?? "";
    this.#footer = options.footer ?? "";
    if (this.#live !== null) options.stream.on("resize", this.#onResize);
  }

  /** Parts that somebody has asked for since. */
  include(labels: readonly string[]): void {
    this.#model.include(labels);
  }

  queueOpened(kind: string): void {
    this.note(this.#console.paint("dim", `queue: ${kind}`));
  }

  /** Redis answers and refuses, or (null) serves again. */
  refusal(why: string | null): void {
    this.note(
      why === null
        ? "Redis serves again: the build goes on"
        : this.#console.paint("yellow", `${safeText(why)}; the build waits, and goes on by itself`),
    );
  }

  note(line: string): void {
    if (this.#live === null) this.#console.note(line);
    else {
      this.#live.note(line);
      this.#draw();
    }
  }

  control(control: Control): void {
    if (control === this.#control) return;
    const before = this.#control;
    this.#control = control;
    this.#model.phase = phases[control];
    this.note(control === "run" && before === "pause" ? "the build carries on" : controlTexts[control]);
  }

  event(event: JobEvent): void {
    // Every job of a paused build is put off; that it is paused has been said.
    if (event.kind === "delayed" && this.#control !== "run") return;
    // A log gets a line when a part ends, with the same words.
    if (event.kind === "failed" && event.range === null && event.label !== null && this.#live === null)
      return;
    if (this.#isRefusal(event)) return;
    if (event.kind === "retrying" || event.kind === "failed" || event.kind === "delayed") {
      this.note(this.#console.paint("yellow", safeText(eventText(event))));
    }
  }

  /** A worker with other versions, or another output, refuses every job it is offered: that is said once. */
  #isRefusal({ kind, worker, detail }: JobEvent): boolean {
    if (kind !== "delayed" || typeof detail !== "object" || detail === null || Array.isArray(detail))
      return false;
    const { why } = detail;
    if (why !== "toolchain_mismatch" && why !== "output_differs") return false;
    const name = (worker ?? "?").replace(/\/(mill|plan)$/, "");
    if (this.#refusing.has(name)) return true;
    this.#refusing.add(name);
    const found = typeof detail.message === "string" ? detail.message : "";
    const text = refusalText(name, why, found.replace(/^this worker has /, ""));
    this.note(this.#console.paint("yellow", safeText(text)));
    return true;
  }

  status(status: BuildStatus, progress: readonly JobProgress[]): void {
    this.#view = this.#model.update(status, progress, Date.now());
    if (this.#live !== null) this.#draw();
    else for (const line of this.#plain.lines(this.#view, Date.now())) this.#console.note(line);
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
    this.#stream.off("resize", this.#onResize);
  }

  #draw(): void {
    if (this.#live === null || this.#view === null) return;
    const { columns, rows } = this.#live;
    const footer = this.#footer === "" ? [] : [this.#console.paint("dim", cutTo(this.#footer, columns))];
    const lines = renderBuild(this.#view, columns, rows - footer.length, this.#console.paint);
    this.#live.draw([...lines, ...footer]);
  }
}

const phases: Readonly<Record<Control, BuildPhase>> = {
  run: "building",
  pause: "paused",
  cancel: "cancelled",
};

const controlTexts: Readonly<Record<Control, string>> = {
  run: "the build runs",
  pause: "the build is paused; shardmill resume carries on",
  cancel: "the build is cancelled; what is committed stays",
};

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
  output_away: "the output is away (output_away); the build goes on when it is there again",
  bucket_away: "the bucket does not answer (bucket_away); the build goes on when it does",
  bucket_refused: "the bucket refuses it (bucket_refused); the build goes on when the credentials are right",
  output_full: "its output has no space (output_full); free some and the build goes on by itself",
  pause: "the build is paused",
  twin: "an earlier run of the same job has to end first",
};
