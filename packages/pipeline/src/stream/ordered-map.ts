import { setMaxListeners } from "node:events";
import { type Release, Semaphore } from "@shardmill/core";

export interface OrderedMapOptions<T> {
  /** Bytes that an item holds in memory until it is mapped. */
  readonly bytesOf: (item: T) => number;
  /** In bytes; shared by everything that runs at the same time in this process. */
  readonly budget: Semaphore;
  /** Items that may be between input and output at once. */
  readonly window: number;
  readonly signal: AbortSignal;
}

/**
 * Maps items side by side and yields the results in input order. A pump of its own pulls the input, so that reading
 * goes on while the consumer waits for the oldest result: network and CPU work at the same time. Read-ahead is
 * bounded by the budget (bytes) and the window (count). When one item fails, the rest is aborted and awaited first.
 */
export async function* orderedMap<T, R>(
  input: (signal: AbortSignal) => AsyncIterable<T>,
  map: (item: T, signal: AbortSignal) => Promise<R>,
  options: OrderedMapOptions<T>,
): AsyncGenerator<R> {
  const group = new AbortController();
  const stop = AbortSignal.any([options.signal, group.signal]);
  // Every item in flight listens to it; the window bounds them.
  setMaxListeners(0, stop);
  const places = new Semaphore(options.window);
  const begun = new Handover<{ readonly result: Promise<R>; readonly leave: Release }>();

  const pumping = (async () => {
    for await (const item of input(stop)) {
      const leave = await places.acquire(1, stop);
      const release = await options.budget.acquire(options.bytesOf(item), stop);
      if (stop.aborted) release();
      stop.throwIfAborted();
      const result = map(item, stop).finally(release);
      // Its failure is met when the consumer reaches it; until then it must not count as unhandled.
      result.catch(() => undefined);
      begun.push({ result, leave });
    }
  })().then(
    () => begun.end(null),
    (error: unknown) => begun.end({ error }),
  );

  try {
    for (let next = await begun.shift(); next !== null; next = await begun.shift()) {
      const value = await next.result;
      next.leave();
      yield value;
    }
  } finally {
    group.abort(new Error("the consumer has stopped"));
    await pumping;
    await Promise.allSettled(begun.rest().map(({ result }) => result));
  }
}

/** A queue of one producer and one consumer. An error at the end is met after everything that came before it. */
class Handover<T> {
  readonly #items: T[] = [];
  #end: { readonly error: unknown } | "open" | "closed" = "open";
  #wake: () => void = () => undefined;

  push(item: T): void {
    this.#items.push(item);
    this.#wake();
  }

  end(failure: { readonly error: unknown } | null): void {
    this.#end = failure ?? "closed";
    this.#wake();
  }

  async shift(): Promise<T | null> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) return item;
      if (this.#end === "closed") return null;
      if (this.#end !== "open") throw this.#end.error;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  rest(): T[] {
    return this.#items.splice(0);
  }
}
