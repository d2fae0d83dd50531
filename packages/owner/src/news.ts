import { type BuildRecord, Failure, type PartEnd, type PartId, partLabel } from "@shardmill/core";
import type { BuildStatus } from "@shardmill/pipeline";
import type { BuildJobs, JobEvent } from "@shardmill/queue";
import type { Records } from "@shardmill/store";
import { isAllHeld, partsAtWork } from "./parts-at-work.ts";
import { readPause } from "./pause-record.ts";

interface About {
  readonly at: string;
  readonly dataset: string;
  readonly build: string;
}

type Happening =
  | {
      readonly kind: "build_ended";
      /** failed: it came to no end; what is committed stays. */
      readonly outcome: "ended" | "cancelled" | "failed";
      readonly code: string | null;
      /** How many parts of each state there are; null where it came to no end. */
      readonly parts: Readonly<Record<string, number>> | null;
      readonly members: { readonly packed: number; readonly failed: number; readonly skipped: number } | null;
    }
  | {
      readonly kind: "part_failed";
      readonly part: string;
      readonly code: string | null;
      readonly detail: string | null;
    }
  /** Nothing has come of the work for so long, and neither it nor all that is left of it is paused. */
  | { readonly kind: "standstill"; readonly seconds: number };

/** What somebody who does not watch wants to hear of a build. */
export type News = About & Happening;

interface NewsOrder {
  readonly records: Records;
  readonly build: BuildRecord;
  readonly tell: (news: News) => void;
  readonly standstillMs: number;
}

const defaultStandstillMs = 600_000;

/** Tells what happens to one build while it has an owner: each failed part and each standstill once, and its end. */
export class NewsTeller {
  readonly #order: NewsOrder;
  readonly #sinceMs = Date.now();
  readonly #told = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #movedMs = performance.now();
  #isStill = false;
  /** By the last look at the queue. */
  #jobs: BuildJobs | null = null;
  #looking: Promise<void> = Promise.resolve();

  constructor(order: Omit<NewsOrder, "standstillMs"> & { readonly standstillMs: number | undefined }) {
    this.#order = { ...order, standstillMs: order.standstillMs ?? defaultStandstillMs };
    const everyMs = Math.min(10_000, this.#order.standstillMs / 4);
    this.#timer = setInterval(() => this.#after(() => this.#lookStill()), everyMs).unref();
  }

  hear({ kind, step, range, label }: JobEvent): void {
    if (kind === "progress" || kind === "completed" || kind === "parked") {
      this.#movedMs = performance.now();
      this.#isStill = false;
    }
    // What is told may be lost and may be wrong: what counts is what is written of the part.
    const mayHaveFailed =
      (step === "finish" && kind === "completed") || (kind === "failed" && range === null);
    if (label !== null && mayHaveFailed) this.#after(() => this.#lookAtPart(label));
  }

  see(jobs: BuildJobs): void {
    this.#jobs = jobs;
  }

  async ended(outcome: "ended" | "cancelled", { parts, totals }: BuildStatus): Promise<void> {
    // Failures that nobody told.
    for (const { label, state } of parts) if (state === "failed") this.#after(() => this.#lookAtPart(label));
    await this.#looking;
    const states: Record<string, number> = {};
    for (const { state } of parts) states[state] = (states[state] ?? 0) + 1;
    const { packed, failed, skipped } = totals;
    this.#tell({
      kind: "build_ended",
      outcome,
      code: null,
      parts: states,
      members: { packed, failed, skipped },
    });
  }

  failed(error: unknown): void {
    const code = error instanceof Failure ? error.code : null;
    this.#tell({ kind: "build_ended", outcome: "failed", code, parts: null, members: null });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** One look after the other; where the records cannot be read now, others tell of that. */
  #after(look: () => Promise<void>): void {
    this.#looking = this.#looking.then(look).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
    });
  }

  async #lookAtPart(label: string): Promise<void> {
    const { records, build } = this.#order;
    const isIt = (candidate: PartId): boolean => partLabel(candidate) === label;
    // Others may have added parts to it meanwhile.
    const part = build.parts.find(isIt) ?? (await records.readBuild())?.parts.find(isIt);
    const end = part === undefined ? null : await records.readPartEnd(part);
    if (end !== null && this.#isNew(label, end))
      this.#tell({ kind: "part_failed", part: label, code: end.code, detail: end.detail });
  }

  #isNew(label: string, { state, endedAt }: PartEnd): boolean {
    const key = `${label} ${endedAt}`;
    if (state !== "failed" || Date.parse(endedAt) < this.#sinceMs || this.#told.has(key)) return false;
    this.#told.add(key);
    return true;
  }

  async #lookStill(): Promise<void> {
    const { standstillMs } = this.#order;
    const stillMs = performance.now() - this.#movedMs;
    if (stillMs < standstillMs || this.#isStill) return;
    if (await this.#isPaused()) {
      this.#movedMs = performance.now();
      return;
    }
    this.#isStill = true;
    this.#tell({ kind: "standstill", seconds: Math.round(stillMs / 1000) });
  }

  /** The build, or every part of it that is left. */
  async #isPaused(): Promise<boolean> {
    const { records } = this.#order;
    if ((await readPause(records)) !== null) return true;
    return this.#jobs !== null && isAllHeld(await partsAtWork(records, this.#jobs));
  }

  #tell(news: Happening): void {
    const { build, tell } = this.#order;
    tell({ at: new Date().toISOString(), dataset: build.dataset.name, build: build.build, ...news });
  }
}
