import { readdirSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { mapRoots, type Roots } from "@shardmill/catalogue";

/** A record's media in one of the user's folders. */
export interface RootFile {
  /** The prefix whose folder holds it, and the path below that folder: no absolute path is recorded. */
  readonly prefix: string;
  readonly path: string;
  /** Of a folder of frames, all its files. */
  readonly sizeBytes: number;
  readonly isFolder: boolean;
}

/** Looks for a record's media where a root maps it: under its path after the prefix, then under its name alone. */
export function findRootFile(roots: Roots, media: string): RootFile | null {
  const mapped = mapRoots(roots, media);
  if (mapped === null) return null;
  for (const path of mapped.candidates) {
    const place = join(mapped.folder, path);
    const stats: Stats | undefined = statSync(place, { throwIfNoEntry: false });
    if (stats?.isFile() === true)
      return { prefix: mapped.prefix, path, sizeBytes: stats.size, isFolder: false };
    if (stats?.isDirectory() === true) {
      const sizeBytes = filesIn(place).reduce((sum, name) => sum + statSync(join(place, name)).size, 0);
      return { prefix: mapped.prefix, path, sizeBytes, isFolder: true };
    }
  }
  return null;
}

/** Names of the files in a folder, in one order everywhere. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .sort((a, b) => (a < b ? -1 : 1));
}
