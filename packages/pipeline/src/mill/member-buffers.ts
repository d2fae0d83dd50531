/** Below this, memory comes from a heap that is there already. */
const smallestBytes = 128 * 1024;
/** Room may be twice as large as what lies in it, not more. */
const looseness = 2;
const mostKeptBytes = 64 * 1024 * 1024;

/**
 * Room for members' bytes that is used again. Of a fresh buffer the kernel hands out every page by itself, and zeroed, which
 * costs more than all else that a member's bytes meet on their way; and it is the garbage collector that gives it back.
 *
 * Whoever takes room and never gives it back loses nothing but that: it is collected like any buffer. What is given back
 * must not be read any more.
 */
export class MemberBuffers {
  /** What may be kept for the next members, beside those that are held. */
  readonly keptBytes: number;
  /** The one that was given back first comes first. */
  readonly #free: ArrayBufferLike[] = [];
  #freeBytes = 0;
  readonly #lent = new WeakSet<ArrayBufferLike>();

  /** An eighth of the memory that members may have. */
  constructor(memoryBytes: number) {
    this.keptBytes = Math.min(mostKeptBytes, Math.floor(memoryBytes / 8));
  }

  /** Exactly so many bytes, with anything in them. */
  take(bytes: number): Buffer {
    if (bytes < smallestBytes) return Buffer.allocUnsafeSlow(bytes);
    const room = this.#takeFree(bytes) ?? Buffer.allocUnsafeSlow(roundedUp(bytes)).buffer;
    this.#lent.add(room);
    return Buffer.from(room, 0, bytes);
  }

  /** What a member holds of memory: room that was taken here may be larger than what lies in it. */
  sizeOf(member: Uint8Array): number {
    return this.#lent.has(member.buffer) ? member.buffer.byteLength : member.byteLength;
  }

  /** Once; bytes of anybody else are left alone. */
  giveBack({ buffer }: Uint8Array): void {
    if (!this.#lent.delete(buffer) || buffer.byteLength > this.keptBytes) return;
    this.#free.push(buffer);
    this.#freeBytes += buffer.byteLength;
    while (this.#freeBytes > this.keptBytes) this.#freeBytes -= this.#free.shift()?.byteLength ?? 0;
  }

  /** The smallest that will do. */
  #takeFree(bytes: number): ArrayBufferLike | null {
    let best = -1;
    for (const [at, { byteLength }] of this.#free.entries()) {
      const fits = byteLength >= bytes && byteLength <= looseness * bytes;
      if (fits && byteLength < (this.#free[best]?.byteLength ?? Number.POSITIVE_INFINITY)) best = at;
    }
    const [room] = best < 0 ? [] : this.#free.splice(best, 1);
    if (room === undefined) return null;
    this.#freeBytes -= room.byteLength;
    return room;
  }
}

/** To an eighth of its power of two, so that members of about one size fit in each other's room. */
function roundedUp(bytes: number): number {
  const step = 2 ** Math.max(0, Math.floor(Math.log2(bytes)) - 3);
  return Math.ceil(bytes / step) * step;
}
