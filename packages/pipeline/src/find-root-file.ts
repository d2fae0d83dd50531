import { existsSync, readdirSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { mapRoots, type Roots } from "@shardmill/catalogue";
import { nameForm } from "@shardmill/core";

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
    const place = placeInRoot(mapped.folder, path);
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

/**
 * Where a path lies in this machine's folder, whose disk may spell the names in another of Unicode's ways than the
 * records do. Folders are only listed where a name is not there as it is written.
 */
export function placeInRoot(folder: string, path: string): string {
  let place = folder;
  for (const name of path.split("/")) {
    const asWritten = join(place, name);
    place = existsSync(asWritten) ? asWritten : join(place, spellingIn(place, name) ?? name);
  }
  return place;
}

function spellingIn(folder: string, name: string): string | undefined {
  // Only letters beyond ASCII have several spellings.
  if (/^[\x20-\x7e]*$/.test(name) || !existsSync(folder)) return undefined;
  return readdirSync(folder).find((other) => nameForm(other) === nameForm(name));
}

/** Names of the files in a folder, in one order everywhere. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .sort((a, b) => (a < b ? -1 : 1));
}
