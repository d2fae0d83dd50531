import { Failure, naturalOrder } from "@shardmill/core";
import { type FilePlace, type ReadableFile, storedFile } from "@shardmill/store";
import { parseEnergonIndex } from "../write/energon-index.ts";
import { memberNamePattern } from "../write/member-name.ts";
import { headerAt, type LocatedMember, type LocatedSample, locateSamples } from "./tar-header-walk.ts";

/** A shard opened for looking into: it reads what it is asked for, and never the whole tar. */
export interface OpenShard extends AsyncDisposable {
  readonly sizeBytes: number;
  /** Known when the shard has its index file; else null. */
  readonly samples: number | null;
  /** All samples in order, by their headers. */
  list(signal: AbortSignal): AsyncIterable<LocatedSample>;
  /** By the index in a dozen reads, without it by walking the headers. */
  find(key: string, signal: AbortSignal): Promise<LocatedSample | null>;
  /** The place of a sample among all, by the index; null where it is not there, or the shard has no index. */
  indexOf(key: string, signal: AbortSignal): Promise<number | null>;
  /** The sample at a place, counted from 0, by the index: its members, or only its key. Null beyond the last one. */
  at(index: number, signal: AbortSignal): Promise<LocatedSample | null>;
  keyAt(index: number, signal: AbortSignal): Promise<string | null>;
  read(member: LocatedMember): Promise<Uint8Array>;
  close(): Promise<void>;
}

export async function openShard(place: FilePlace): Promise<OpenShard> {
  const { store, path } = await storedFile(place);
  const file = await store.openFile(path);
  if (file === null) throw new Failure("wrong_use", `there is no shard at ${path}`, { where: { path } });
  const index = await store.read(`${path}.idx`);
  return new OpenTar(file, index === null ? null : parseEnergonIndex(index));
}

class OpenTar implements OpenShard {
  readonly #file: ReadableFile;
  /** Offsets of the samples; an index that does not fit the file is not used. */
  readonly #offsets: readonly number[] | null;

  constructor(file: ReadableFile, index: readonly number[] | null) {
    this.#file = file;
    const isFitting = index !== null && (index.at(-1) ?? 0) < file.sizeBytes;
    this.#offsets = isFitting ? index.slice(0, -1) : null;
  }

  get sizeBytes(): number {
    return this.#file.sizeBytes;
  }

  get samples(): number | null {
    return this.#offsets?.length ?? null;
  }

  list(signal: AbortSignal): AsyncIterable<LocatedSample> {
    return locateSamples(this.#file, 0, signal);
  }

  async find(key: string, signal: AbortSignal): Promise<LocatedSample | null> {
    const index = await this.indexOf(key, signal);
    if (index !== null) return this.at(index, signal);
    for await (const sample of this.list(signal)) if (sample.key === key) return sample;
    return null;
  }

  async read({ dataOffset, sizeBytes }: LocatedMember): Promise<Uint8Array> {
    const bytes = await this.#file.read(dataOffset, dataOffset + sizeBytes);
    if (bytes.length === sizeBytes) return bytes;
    throw new Failure("shard_invalid", `${this.#file.path} ends within a member at ${dataOffset}`, {
      where: { path: this.#file.path },
    });
  }

  /** Binary search: keys rise with the position in the tar. */
  async indexOf(key: string, signal: AbortSignal): Promise<number | null> {
    let [low, high] = [0, (this.samples ?? 0) - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = (await this.keyAt(middle, signal)) ?? "";
      if (found === key) return middle;
      // `-000012-2` comes before `-000012-10`: records of a member are numbered without leading zeros.
      if (naturalOrder(found, key) < 0) low = middle + 1;
      else high = middle - 1;
    }
    return null;
  }

  async at(index: number, signal: AbortSignal): Promise<LocatedSample | null> {
    const offset = this.#offsets?.[index];
    if (offset === undefined) return null;
    for await (const sample of locateSamples(this.#file, offset, signal)) return sample;
    return null;
  }

  async keyAt(index: number, signal: AbortSignal): Promise<string | null> {
    signal.throwIfAborted();
    const offset = this.#offsets?.[index];
    // An index that points elsewhere is of no use, and no reason to call the tar damaged.
    const header = offset === undefined ? "none" : await headerAt(this.#file, offset);
    return typeof header === "string" ? null : (memberNamePattern.exec(header.name)?.[1] ?? null);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
