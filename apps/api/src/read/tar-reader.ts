import { Failure, naturalOrder } from "@shardmill/core";
import { parseEnergonIndex } from "@shardmill/shards";
import type { ReadableFile, Store } from "@shardmill/store";

export interface TarMember {
  /** `000.jpg`, `json`: what follows the key. */
  readonly suffix: string;
  readonly start: number;
  readonly sizeBytes: number;
}

export interface SampleEntry {
  readonly key: string;
  readonly sizeBytes: number;
  readonly members: readonly TarMember[];
}

const block = 512;

/**
 * One committed shard, read through its `.tar.idx`: any sample costs a few small reads, however large the tar is.
 * Open, use, close.
 */
export class TarReader {
  readonly #shard: string;
  readonly #tar: ReadableFile;
  readonly #offsets: readonly number[];

  private constructor(shard: string, tar: ReadableFile, offsets: readonly number[]) {
    this.#shard = shard;
    this.#tar = tar;
    this.#offsets = offsets;
  }

  /** Null when the shard has no tar: it packed nothing. */
  static async open(
    store: Store,
    paths: { tar: string; index: string },
    shard: string,
  ): Promise<TarReader | null> {
    const bytes = await store.read(paths.index);
    const tar = await store.openFile(paths.tar);
    if (tar === null) return null;
    const offsets = bytes === null ? null : parseEnergonIndex(bytes);
    if (offsets === null) {
      await tar.close();
      throw new Failure("record_invalid", `the index of ${shard} cannot be read`, { where: { shard } });
    }
    return new TarReader(shard, tar, offsets);
  }

  get samples(): number {
    return this.#offsets.length - 1;
  }

  /** The key of a sample is the name of its first member up to the dot: one read of a header. */
  async keyAt(index: number): Promise<string> {
    const start = this.#offsets[index];
    if (start === undefined) throw this.#damaged();
    return keyOf((await this.#header(start)).name);
  }

  async sampleAt(index: number): Promise<SampleEntry> {
    const start = this.#offsets[index];
    const end = this.#offsets[index + 1];
    if (start === undefined || end === undefined) throw this.#damaged();
    const members: TarMember[] = [];
    let key = "";
    for (let at = start; at < end; ) {
      const { name, sizeBytes } = await this.#header(at);
      key ||= keyOf(name);
      members.push({ suffix: name.slice(key.length + 1), start: at + block, sizeBytes });
      at += block + Math.ceil(sizeBytes / block) * block;
    }
    return { key, sizeBytes: end - start, members };
  }

  /** Keys rise with the position in the archive, so that ten reads find one among a thousand; null when it is not there. */
  async find(key: string): Promise<number | null> {
    let low = 0;
    let high = this.samples - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      // `-000012-2` comes before `-000012-10`: records of a member are numbered without leading zeros.
      const order = naturalOrder(await this.keyAt(middle), key);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return null;
  }

  async bytes(member: TarMember): Promise<Uint8Array> {
    const bytes = await this.#tar.read(member.start, member.start + member.sizeBytes);
    if (bytes.length !== member.sizeBytes) throw this.#damaged();
    return bytes;
  }

  close(): Promise<void> {
    return this.#tar.close();
  }

  async #header(at: number): Promise<{ name: string; sizeBytes: number }> {
    const bytes = Buffer.from(await this.#tar.read(at, at + block));
    const size = Number.parseInt(text(bytes.subarray(124, 136)).trim(), 8);
    const name = text(bytes.subarray(0, 100));
    if (bytes.length !== block || name === "" || !Number.isSafeInteger(size)) throw this.#damaged();
    return { name, sizeBytes: size };
  }

  #damaged(): Failure {
    return new Failure("record_invalid", `the tar of ${this.#shard} does not fit its index`, {
      where: { shard: this.#shard },
    });
  }
}

function text(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString("latin1", 0, end < 0 ? field.length : end);
}

function keyOf(name: string): string {
  const dot = name.indexOf(".");
  return dot < 0 ? name : name.slice(0, dot);
}
