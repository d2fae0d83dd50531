/** Looks one item ahead. A failed read is met by whoever looks. */
export class Peekable<T> {
  readonly #iterator: AsyncIterator<T>;
  #next: Promise<T | null> | null = null;

  constructor(items: AsyncIterable<T>) {
    this.#iterator = items[Symbol.asyncIterator]();
  }

  /** The next item without taking it; null at the end. */
  peek(): Promise<T | null> {
    this.#next ??= this.#iterator.next().then((result) => (result.done === true ? null : result.value));
    return this.#next;
  }

  async take(): Promise<T | null> {
    const item = await this.peek();
    if (item !== null) this.#next = null;
    return item;
  }

  async close(): Promise<void> {
    await this.#next?.catch(() => undefined);
    await this.#iterator.return?.();
  }
}
