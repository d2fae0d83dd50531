import type { TextPool } from "@shardmill/core";
import { openTextPool, type TokenizerParts } from "@shardmill/text";

/** One pool of children per tokenizer, opened when the first shard asks for it. */
export class TextPools {
  readonly #size: number;
  readonly #open = new Map<string, Promise<TextPool>>();

  constructor(size: number) {
    this.#size = size;
  }

  get(parts: TokenizerParts): Promise<TextPool> {
    const { tokenizer, template } = parts.identity;
    const id = `${tokenizer} ${template}`;
    const opening = this.#open.get(id) ?? openTextPool(parts, { size: this.#size });
    this.#open.set(id, opening);
    opening.catch(() => this.#open.delete(id));
    return opening;
  }

  async close(): Promise<void> {
    for (const opening of this.#open.values())
      await opening.then(
        (pool) => pool.close(),
        () => undefined,
      );
  }
}
