import type { ByteRange, ByteSource } from "@shardmill/core";

/** A source in memory that counts what it is asked for. `damage` may change the bytes of a request on the way. */
export class MemorySource implements ByteSource {
  readonly name = "memory";
  readonly requests: ByteRange[] = [];
  bytesRead = 0;
  openReads = 0;
  readonly bytes: Buffer;
  readonly chunkBytes: number;
  damage: (chunk: Buffer, start: number, request: number) => Buffer = (chunk) => chunk;

  constructor(bytes: Uint8Array, chunkBytes = 64 * 1024) {
    this.bytes = Buffer.from(bytes);
    this.chunkBytes = chunkBytes;
  }

  get sizeBytes(): number {
    return this.bytes.length;
  }

  async *read(range: ByteRange, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    if (range.start < 0 || range.end > this.sizeBytes || range.start > range.end)
      throw new RangeError(`${range.start}-${range.end} of ${this.sizeBytes}`);
    const request = this.requests.push(range) - 1;
    this.openReads += 1;
    try {
      for (let at = range.start; at < range.end; at += this.chunkBytes) {
        signal.throwIfAborted();
        const chunk = this.bytes.subarray(at, Math.min(at + this.chunkBytes, range.end));
        this.bytesRead += chunk.length;
        yield this.damage(Buffer.from(chunk), at, request);
      }
    } finally {
      this.openReads -= 1;
    }
  }
}
