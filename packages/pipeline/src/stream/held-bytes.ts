/**
 * Bounds what is held of members that are fetched side by side and handed on in order. Whatever is first in line is always
 * let in, else those behind it could fill the room that it needs to leave.
 */
export class HeldBytes {
  readonly #limitBytes: number;
  readonly #held = new Map<number, number>();
  readonly #waiting = new Set<{
    readonly place: number;
    readonly bytes: number;
    readonly admit: () => void;
  }>();
  #used = 0;
  #first = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#used;
  }

  /** `take(place, 0)` waits until there is room at all. Returns at once where nothing has to be waited for. */
  take(place: number, bytes: number, signal: AbortSignal): Promise<void> | null {
    signal.throwIfAborted();
    if (this.#fits(place, bytes)) {
      this.#add(place, bytes);
      return null;
    }
    return new Promise((resolve, rejectTake) => {
      const leave = (): void => {
        this.#waiting.delete(waiter);
        rejectTake(signal.reason);
      };
      const waiter = {
        place,
        bytes,
        admit: () => {
          signal.removeEventListener("abort", leave);
          resolve();
        },
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.add(waiter);
    });
  }

  /** What was held for a place is gone: dropped, or handed on. */
  giveBack(place: number): void {
    this.#used -= this.#held.get(place) ?? 0;
    this.#held.delete(place);
    this.#admit();
  }

  /** The place is done with; the next one is first in line. */
  handOn(place: number): void {
    this.#first = place + 1;
    this.giveBack(place);
  }

  #fits(place: number, bytes: number): boolean {
    return place <= this.#first || this.#used + bytes < this.#limitBytes;
  }

  #add(place: number, bytes: number): void {
    this.#used += bytes;
    this.#held.set(place, (this.#held.get(place) ?? 0) + bytes);
  }

  #admit(): void {
    for (const waiter of this.#waiting) {
      if (!this.#fits(waiter.place, waiter.bytes)) continue;
      this.#waiting.delete(waiter);
      this.#add(waiter.place, waiter.bytes);
      waiter.admit();
    }
  }
}
