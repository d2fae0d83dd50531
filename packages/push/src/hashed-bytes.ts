import { createHash, type Hash } from "node:crypto";
import { Failure } from "@shardmill/core";
import type { SentBytes } from "@shardmill/sources";
import type { WantedFile } from "./wanted-file.ts";

/**
 * A file's bytes on their way, stretch after stretch, hashed as they go: the last of them leave only where all together are
 * what the file should be. An attempt that is made again hashes its stretch again.
 */
export class HashedBytes {
  readonly #file: WantedFile;
  readonly #onBytes: (doneBytes: number) => void;
  #kept: Hash = createHash("sha256");
  #tried: Hash = this.#kept;

  constructor(file: WantedFile, onBytes: (doneBytes: number) => void) {
    this.#file = file;
    this.#onBytes = onBytes;
  }

  stretch(start: number, end: number): SentBytes {
    return { sizeBytes: end - start, open: (signal) => this.#read(start, end, signal) };
  }

  /** The stretch that was sent last has arrived. */
  keep(): void {
    this.#kept = this.#tried;
  }

  async *#read(start: number, end: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const hash = this.#kept.copy();
    this.#tried = hash;
    let at = start;
    for await (const chunk of this.#file.open(start, end, signal)) {
      hash.update(chunk);
      at += chunk.length;
      if (at === this.#file.sizeBytes) this.#check(hash);
      yield chunk;
      this.#onBytes(at);
    }
  }

  #check(hash: Hash): void {
    const { path, sha256 } = this.#file;
    if (hash.copy().digest("hex") === sha256) return;
    throw new Failure("shard_invalid", `${path} is not what its manifest says: verify the output`, {
      where: { path },
      retry: "never",
    });
  }
}
