import { readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { ifCode } from "./claim.ts";

/** A file of some source in a cache's folder. */
export interface CachedFile {
  readonly key: string;
  readonly files: readonly string[];
  /** On the disk: of one that is not whole, what of it is there. */
  readonly bytes: number;
  /** Somebody is reading or writing it just now. */
  readonly isClaimed: boolean;
}

const named = /^([0-9a-f]{64}(?:-\d+)?)\.(whole|partial|have)$/;

/** What lies in a cache's folder; none where there is no such folder. Other files in it are passed over. */
export async function listCache(dir: string): Promise<CachedFile[]> {
  const names = (await readdir(dir).catch(ifCode("ENOENT"))) ?? [];
  const byKey = new Map<string, { files: string[]; bytes: number }>();
  for (const name of names.sort()) {
    const [, key] = named.exec(name) ?? [];
    const stats = key === undefined ? null : await stat(join(dir, name)).catch(ifCode("ENOENT"));
    if (key === undefined || stats === null) continue;
    const entry = byKey.get(key) ?? { files: [], bytes: 0 };
    entry.files.push(name);
    entry.bytes += Math.min(stats.size, stats.blocks * 512);
    byKey.set(key, entry);
  }
  return [...byKey].map(([key, entry]) => ({
    key,
    ...entry,
    isClaimed: names.some((name) => name.startsWith(`${key}.`) && name.endsWith(".lock")),
  }));
}

/** The list of segments goes before its data, as when it is evicted: who has it open reads on. */
export async function removeCached(dir: string, { key }: CachedFile): Promise<void> {
  for (const ending of ["have", "partial", "whole"])
    await unlink(join(dir, `${key}.${ending}`)).catch(ifCode("ENOENT"));
}
