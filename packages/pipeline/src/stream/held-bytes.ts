import { type Release, Semaphore } from "@shardmill/core";

/**
 * Bounds what is held of members that are fetched side by side and handed on in order. The one that is handed on next is
 * let in whatever is held, else those behind it could fill the space that it needs to leave: what it takes from then on
 * does not count against the others, so that at most one member's bytes are held above the limit.
 */
export class HeldBytes {
  readonly #behind: Semaphore;
  /** What the bytes of each place give back when they go. */
  readonly #held = new Map<number, Release[]>();
  /** Ends the wait of a place when it has become the next one. */
  readonly #letIn = new Map<number, AbortController>();
  #next = 0;
  #bytesOfNext = 0;

  constructor(limitBytes: number) {
    this.#behind = new Semaphore(limitBytes);
  }

  get usedBytes(): number {
    return this.#behind.used + this.#bytesOfNext;
  }

  /** `take(place, 0)` waits until there is space at all. Null where nothing has to be waited for. */
  take(place: number, bytes: number, signal: AbortSignal): Promise<void> | null {
    signal.throwIfAborted();
    const release = place <= this.#next ? this.#takeAsNext(bytes) : this.#behind.tryAcquire(bytes);
    if (release === null) return this.#wait(place, bytes, signal);
    this.#keep(place, release);
    return null;
  }

  /** What was held for a place is gone: dropped, or handed on. */
  giveBack(place: number): void {
    const releases = this.#held.get(place) ?? [];
    this.#held.delete(place);
    for (const release of releases) release();
  }

  /** The place is done with; the one after it is next. */
  handOn(place: number): void {
    this.#next = place + 1;
    this.giveBack(place);
    this.#letIn.get(this.#next)?.abort();
  }

  async #wait(place: number, bytes: number, signal: AbortSignal): Promise<void> {
    const letIn = new AbortController();
    this.#letIn.set(place, letIn);
    try {
      this.#keep(place, await this.#behind.acquire(bytes, AbortSignal.any([signal, letIn.signal])));
    } catch (error) {
      signal.throwIfAborted();
      if (!letIn.signal.aborted) throw error;
      this.#keep(place, this.#takeAsNext(bytes));
    } finally {
      this.#letIn.delete(place);
    }
  }

  #takeAsNext(bytes: number): Release {
    this.#bytesOfNext += bytes;
    return () => {
      this.#bytesOfNext -= bytes;
    };
  }

  #keep(place: number, release: Release): void {
    const releases = this.#held.get(place) ?? [];
    releases.push(release);
    this.#held.set(place, releases);
  }
}
