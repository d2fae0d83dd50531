/** Keeps some of the frames that ffmpeg writes one after the other, and holds no others. */
export class FrameSieve {
  readonly frames = new Map<number, Buffer>();
  readonly #frameBytes: number;
  readonly #wanted: ReadonlySet<number>;
  #pieces: Buffer[] = [];
  #have = 0;
  #number = 0;

  constructor(frameBytes: number, wanted: ReadonlySet<number>) {
    this.#frameBytes = frameBytes;
    this.#wanted = wanted;
  }

  write(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      const piece = chunk.subarray(at, at + this.#frameBytes - this.#have);
      at += piece.length;
      this.#have += piece.length;
      if (this.#wanted.has(this.#number)) this.#pieces.push(piece);
      if (this.#have === this.#frameBytes) this.#endFrame();
    }
  }

  #endFrame(): void {
    if (this.#pieces.length > 0) this.frames.set(this.#number, Buffer.concat(this.#pieces));
    this.#pieces = [];
    this.#have = 0;
    this.#number += 1;
  }
}
