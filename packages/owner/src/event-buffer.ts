import type { Control } from "@shardmill/core";
import type { RootPartsFound } from "@shardmill/pipeline";
import type { BuildJobs, JobEvent, JobProgress } from "@shardmill/queue";

/** What an owner tells of a build while it has it. */
export type OwnerEvent =
  /** Where the jobs are, and what a person should know about that server. */
  | { readonly kind: "queue"; readonly name: string; readonly notice: string | null }
  /** Another process owns the build and has been handed the work; this one watches. */
  | { readonly kind: "handed"; readonly pid: number; readonly host: string }
  /** Parts asked for that an earlier request has at work already. */
  | { readonly kind: "at-work"; readonly parts: number }
  | { readonly kind: "control"; readonly control: Control }
  | { readonly kind: "job"; readonly event: JobEvent }
  | { readonly kind: "look"; readonly jobs: BuildJobs; readonly progress: readonly JobProgress[] }
  /** The output folder is away, or (true) there again. */
  | { readonly kind: "output"; readonly isThere: boolean }
  /** Media of the user's own folders, once the source's parts have been made. */
  | { readonly kind: "roots"; readonly found: RootPartsFound; readonly parts: readonly string[] }
  /** The worker is told to hand back what it has. */
  | { readonly kind: "stopping" };

const most = 1_000;

/**
 * Events for one reader, who may be slower than they come: of several looks only the newest is kept, and of more than a
 * thousand others the oldest are dropped. Nothing is lost by it that the records do not tell.
 */
export class EventBuffer implements AsyncIterable<OwnerEvent> {
  #events: OwnerEvent[] = [];
  #isClosed = false;
  #wake: () => void = () => undefined;

  push(event: OwnerEvent): void {
    if (this.#isClosed) return;
    if (event.kind === "look") this.#events = this.#events.filter(({ kind }) => kind !== "look");
    this.#events.push(event);
    if (this.#events.length > most) this.#events.shift();
    this.#wake();
  }

  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<OwnerEvent> {
    for (;;) {
      const next = this.#events.shift();
      if (next !== undefined) yield next;
      else if (this.#isClosed) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}
