import { createHash } from "node:crypto";
import { mkdir, readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, type FileIdentity, hashOf, type Processes } from "@shardmill/core";
import { claim, ifCode } from "./claim.ts";

export interface CacheSettings {
  readonly dir: string;
  readonly limitBytes: number;
  /** What is fetched and claimed at once; default 16 MiB. */
  readonly segmentBytes?: number;
  readonly clock?: Clock;
}

/**
 * The cache's folder. A file is either `<key>.whole`, or `<key>.partial` (sparse, of full length) beside
 * `<key>.have` (see CacheEntry). A partial counts with its full length: it is going to need it.
 */
export class CacheSpace {
  readonly dir: string;
  readonly segmentBytes: number;
  readonly clock: Clock;
  readonly #limitBytes: number;
  readonly #processes: Processes;
  /** Keys with a read of this process under way; they are not evicted. */
  readonly #inUse = new Map<string, number>();

  constructor(settings: CacheSettings, clock: Clock, processes: Processes) {
    this.dir = settings.dir;
    this.segmentBytes = settings.segmentBytes ?? 16 * 1024 * 1024;
    this.#limitBytes = settings.limitBytes;
    this.clock = clock;
    this.#processes = processes;
  }

  /** Same content, same key, whatever source it comes from; without a sha256 the source is part of it. */
  keyOf(file: FileIdentity, source: string, revision: string | null): string {
    if (file.sha256 !== null) return `${file.sha256}-${this.segmentBytes}`;
    const { path, sizeBytes, oid } = file;
    const content = hashOf({ source, revision, path, sizeBytes, oid, segmentBytes: this.segmentBytes });
    return createHash("sha256").update(content).digest("hex");
  }

  use(key: string): () => void {
    this.#inUse.set(key, (this.#inUse.get(key) ?? 0) + 1);
    return () => {
      const left = (this.#inUse.get(key) ?? 1) - 1;
      if (left === 0) this.#inUse.delete(key);
      else this.#inUse.set(key, left);
    };
  }

  path(key: string, ending: string): string {
    return join(this.dir, `${key}.${ending}`);
  }

  /** Waits for a claim; the caller gives it back. */
  async claim(key: string, ending: string, signal: AbortSignal): Promise<() => Promise<void>> {
    for (;;) {
      signal.throwIfAborted();
      const release = await claim(this.path(key, `${ending}.lock`), this.#processes);
      if (release !== null) return release;
      await this.clock.sleep(25, signal);
    }
  }

  /** Has its place already, in whole or in part. */
  async has(key: string): Promise<boolean> {
    for (const ending of ["whole", "partial"]) {
      if ((await stat(this.path(key, ending)).catch(ifCode("ENOENT"))) !== null) return true;
    }
    return false;
  }

  /** Evicts what was least recently used until the bytes fit; false when they cannot. */
  async makeSpace(needBytes: number, key: string, signal: AbortSignal): Promise<boolean> {
    if (needBytes > this.#limitBytes) return false;
    await mkdir(this.dir, { recursive: true });
    // The name of the claim is that of 0.1, whose processes may share the folder.
    const release = await this.claim("room", "evict", signal);
    try {
      const names = await readdir(this.dir);
      const entries = await this.#entries(names);
      let used = entries.reduce((sum, entry) => sum + (entry.key === key ? 0 : entry.sizeBytes), 0);
      for (const entry of entries.sort((a, b) => a.usedAtMs - b.usedAtMs)) {
        if (used + needBytes <= this.#limitBytes) break;
        const isClaimed = names.some((name) => name.startsWith(`${entry.key}.`) && name.endsWith(".lock"));
        if (entry.key === key || this.#inUse.has(entry.key) || isClaimed) continue;
        await this.remove(entry.key);
        used -= entry.sizeBytes;
      }
      return used + needBytes <= this.#limitBytes;
    } finally {
      await release();
    }
  }

  /** The list of segments goes before its data: data without a list is begun anew, and still counted and evicted. */
  async remove(key: string): Promise<void> {
    for (const ending of ["have", "partial", "whole"]) {
      await unlink(this.path(key, ending)).catch(ifCode("ENOENT"));
    }
  }

  async #entries(names: string[]): Promise<{ key: string; sizeBytes: number; usedAtMs: number }[]> {
    const entries: { key: string; sizeBytes: number; usedAtMs: number }[] = [];
    for (const name of names) {
      const [, key] = /^([^.]+)\.(?:whole|partial)$/.exec(name) ?? [];
      const stats = key === undefined ? null : await stat(join(this.dir, name)).catch(ifCode("ENOENT"));
      if (key === undefined || stats === null) continue;
      entries.push({ key, sizeBytes: stats.size, usedAtMs: stats.mtimeMs });
    }
    return entries;
  }
}
