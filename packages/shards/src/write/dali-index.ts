import { blockBytes, paddingBytes } from "./ustar-header.ts";

/**
 * `<shard>.idx`, as NVIDIA DALI's `readers.webdataset` takes it for `index_paths`: the version and how many samples there are,
 * then a line for each sample with four words for each of its members: extension, where its data begin, their size, its name.
 */
export class DaliIndex {
  readonly #lines: string[] = [];

  /** A sample whose first header is at `offset`; its members follow each other in this order. */
  add(
    key: string,
    offset: number,
    members: readonly { readonly suffix: string; readonly bytes: Uint8Array }[],
  ): void {
    let at = offset;
    const words = members.map(({ suffix, bytes }) => {
      const data = at + blockBytes;
      at = data + bytes.length + paddingBytes(bytes.length);
      return `${suffix} ${data} ${bytes.length} ${key}.${suffix}`;
    });
    this.#lines.push(words.join(" "));
  }

  text(): string {
    return `v1.2 ${this.#lines.length}\n${this.#lines.map((line) => `${line}\n`).join("")}`;
  }
}
