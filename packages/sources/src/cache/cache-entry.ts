import { randomUUID } from "node:crypto";
import { type FileHandle, open, rename, unlink, writeFile } from "node:fs/promises";
import { type ByteSource, Failure, type FileIdentity } from "@shardmill/core";
import { contentCheck } from "../wire/content-check.ts";
import type { CacheSpace } from "./cache-space.ts";
import { ifCode } from "./claim.ts";

interface EntryFiles {
  readonly data: FileHandle;
  /** Null when the file is whole. */
  readonly list: FileHandle | null;
}

/**
 * One file in the cache, open for one read. The cache is the one place where a source's file is fetched to a disk, and
 * this is the one way: under a name of its own, checked against the listed hash when the last byte has come, then
 * renamed. It goes by segments and not from the first byte to the last, since archives are read by range, by several
 * processes at once, and seldom whole.
 *
 * `<key>.have` begins with a line of JSON (the file's identity and the inode of its data), then holds the number of each
 * segment whose bytes are in the data, one a line. Lines are appended, which is atomic, after the data is on the disk;
 * so any number of processes fill one file together and none needs to rewrite what another wrote. Both files are opened
 * once and held: if they are evicted meanwhile, we go on with files that nobody else sees, and harm nothing.
 */
export class CacheEntry {
  readonly #space: CacheSpace;
  readonly #key: string;
  readonly #file: FileIdentity;
  readonly #data: FileHandle;
  /** Null when the file is whole. */
  readonly #list: FileHandle | null;
  readonly #held = new Set<number>();
  #listReadTo = 0;

  private constructor(space: CacheSpace, key: string, file: FileIdentity, { data, list }: EntryFiles) {
    this.#space = space;
    this.#key = key;
    this.#file = file;
    this.#data = data;
    this.#list = list;
  }

  static async open(
    space: CacheSpace,
    key: string,
    file: FileIdentity,
    signal: AbortSignal,
  ): Promise<CacheEntry> {
    const release = await space.claim(key, "open", signal);
    try {
      const whole = await open(space.path(key, "whole"), "r").catch(ifCode("ENOENT"));
      if (whole !== null)
        return await CacheEntry.#touched(new CacheEntry(space, key, file, { data: whole, list: null }));
      const data = await open(space.path(key, "partial"), "r+").catch(ifCode("ENOENT"));
      const list = await open(space.path(key, "have"), "a+").catch(ifCode("ENOENT"));
      if (data !== null && list !== null && (await isListOf(list, data))) {
        return await CacheEntry.#touched(new CacheEntry(space, key, file, { data, list }));
      }
      await data?.close();
      await list?.close();
      return await CacheEntry.#create(space, key, file);
    } finally {
      await release();
    }
  }

  static async #touched(entry: CacheEntry): Promise<CacheEntry> {
    const now = entry.#space.clock.now() / 1000;
    await entry.#data.utimes(now, now);
    return entry;
  }

  static async #create(space: CacheSpace, key: string, file: FileIdentity): Promise<CacheEntry> {
    // An older list must not meet the new data: a file system may give it the inode of the data that is gone.
    await unlink(space.path(key, "have")).catch(ifCode("ENOENT"));
    const draft = space.path(key, `${randomUUID()}.tmp`);
    const data = await open(draft, "w+");
    await data.truncate(file.sizeBytes);
    const { ino } = await data.stat();
    await rename(draft, space.path(key, "partial"));
    const { sizeBytes, sha256, oid } = file;
    await writeFile(draft, `${JSON.stringify({ identity: { sizeBytes, sha256, oid }, ino })}\n`);
    await rename(draft, space.path(key, "have"));
    return new CacheEntry(space, key, file, { data, list: await open(space.path(key, "have"), "a+") });
  }

  async close(): Promise<void> {
    await this.#data.close();
    await this.#list?.close();
  }

  /** Fetches a segment unless it is here; of several that want it, one fetches and the others wait. */
  async ensure(segment: number, upstream: ByteSource, signal: AbortSignal): Promise<void> {
    if (await this.#holds(segment)) return;
    const release = await this.#space.claim(this.#key, String(segment), signal);
    try {
      if (!(await this.#holds(segment))) await this.#fetch(segment, upstream, signal);
    } finally {
      await release();
    }
    if (this.#held.size === this.#segments()) await this.#seal(signal);
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    const buffer = Buffer.allocUnsafeSlow(end - start);
    const { bytesRead } = await this.#data.read(buffer, 0, buffer.length, start);
    if (bytesRead === buffer.length) return buffer;
    throw new Failure("output_io", `the cache's file of ${this.#file.path} is shorter than it should be`);
  }

  #segments(): number {
    return Math.ceil(this.#file.sizeBytes / this.#space.segmentBytes);
  }

  async #holds(segment: number): Promise<boolean> {
    if (this.#list === null || this.#held.has(segment)) return true;
    const { size } = await this.#list.stat();
    if (size > this.#listReadTo) {
      const { buffer } = await this.#list.read(Buffer.alloc(size), 0, size, 0);
      const lines = buffer.toString().split("\n");
      for (const line of lines.slice(1, -1)) this.#held.add(Number(line));
      this.#listReadTo = size;
    }
    return this.#held.has(segment);
  }

  async #fetch(segment: number, upstream: ByteSource, signal: AbortSignal): Promise<void> {
    const start = segment * this.#space.segmentBytes;
    const end = Math.min(start + this.#space.segmentBytes, this.#file.sizeBytes);
    let at = start;
    for await (const chunk of upstream.read({ start, end }, signal)) {
      for (let done = 0; done < chunk.length; ) {
        done += (await this.#data.write(chunk, done, chunk.length - done, at + done)).bytesWritten;
      }
      at += chunk.length;
    }
    await this.#data.datasync();
    await this.#list?.appendFile(`${segment}\n`);
    this.#held.add(segment);
  }

  /** All segments are here: what is whole is verified once, renamed, and from then on only read. */
  async #seal(signal: AbortSignal): Promise<void> {
    const release = await this.#space.claim(this.#key, "open", signal);
    try {
      const partial = await open(this.#space.path(this.#key, "partial"), "r").catch(ifCode("ENOENT"));
      if (partial === null) return;
      const isOurs = (await partial.stat()).ino === (await this.#data.stat()).ino;
      await partial.close();
      if (!isOurs) return;
      if (!(await this.#isAsListed(signal))) {
        await this.#space.remove(this.#key);
        const { path } = this.#file;
        throw new Failure("source_invalid", `${path}: the bytes that came do not have the listed hash`, {
          where: { path },
        });
      }
      await rename(this.#space.path(this.#key, "partial"), this.#space.path(this.#key, "whole"));
      await unlink(this.#space.path(this.#key, "have")).catch(ifCode("ENOENT"));
    } finally {
      await release();
    }
  }

  async #isAsListed(signal: AbortSignal): Promise<boolean> {
    const check = contentCheck(this.#file, { start: 0, end: this.#file.sizeBytes });
    if (check === null) return true;
    for (let at = 0; at < this.#file.sizeBytes; ) {
      signal.throwIfAborted();
      const chunk = await this.read(at, Math.min(at + 1024 * 1024, this.#file.sizeBytes));
      check.update(chunk);
      at += chunk.length;
    }
    return check.isGood();
  }
}

async function isListOf(list: FileHandle, data: FileHandle): Promise<boolean> {
  const { size } = await list.stat();
  const { buffer } = await list.read(Buffer.alloc(size), 0, size, 0);
  const [, ino] = /^\{.*"ino":(\d+)\}\n/.exec(buffer.toString()) ?? [];
  return Number(ino) === (await data.stat()).ino;
}
