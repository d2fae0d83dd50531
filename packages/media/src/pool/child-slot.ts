import { Failure } from "@shardmill/core";
import { ChildLost } from "./child-lost.ts";
import type { MediaChild } from "./media-child.ts";

/** Starts that may fail in a row before the pool gives up: a child can be hit before it has said that it is up. */
const START_ATTEMPTS = 5;

/** One place of the pool: it holds a child that is up, or gets one. */
export class ChildSlot {
  readonly #spawn: () => MediaChild;
  #child: MediaChild | null = null;

  constructor(spawn: () => MediaChild) {
    this.#spawn = spawn;
  }

  /** The child of this place, started afresh when the last one is gone. */
  async child(): Promise<MediaChild> {
    let lastWords = "";
    for (let attempt = 1; attempt <= START_ATTEMPTS; attempt += 1) {
      const child = this.start();
      try {
        await child.ready;
        return child;
      } catch (error) {
        if (!(error instanceof ChildLost)) throw error;
        lastWords = error.message;
      }
    }
    throw new Failure("decoder_unavailable", `a media child does not start: ${lastWords}`, {
      retry: "later",
    });
  }

  /** Starts a child ahead of its first clip, where there is none. */
  start(): MediaChild {
    if (this.#child === null || !this.#child.isAlive) this.#child = this.#spawn();
    return this.#child;
  }

  /** Replaces the child, whose memory has seen many libraries' leaks; the next one starts at once. */
  recycle(): void {
    this.drop("recycled");
    this.start();
  }

  drop(why: string): void {
    this.#child?.kill(new ChildLost("decoder_crash", why));
    this.#child = null;
  }

  async close(): Promise<void> {
    const child = this.#child;
    this.drop("the pool was closed");
    await child?.exited;
  }
}
