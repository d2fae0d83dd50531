import { existsSync, readdirSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { type MappedMedia, mapRoots, type Roots } from "@shardmill/catalogue";
import { type ClipSpan, Failure, nameForm } from "@shardmill/core";
import type { RootCut, RootCuts } from "./root-cuts.ts";

/** A record's media in one of the user's folders. */
export interface RootFile {
  /** The prefix whose folder holds it, and the path below that folder: no absolute path is recorded. */
  readonly prefix: string;
  readonly path: string;
  /** Of a folder of frames, all its files. */
  readonly sizeBytes: number;
  readonly isFolder: boolean;
  /** The stretch of it that the record's media is, where the root's table of cuts says so. */
  readonly span?: ClipSpan;
}

/**
 * Looks for a record's media where a root maps it: under its path after the prefix, then under its name alone; else as a stretch of
 * another file, as the root's table of cuts has it.
 */
export function findRootFile(roots: Roots, media: string, cuts: RootCuts = new Map()): RootFile | null {
  const mapped = mapRoots(roots, media);
  if (mapped === null) return null;
  for (const path of mapped.candidates) {
    const place = placeInRoot(mapped.folder, path);
    const stats: Stats | undefined = statSync(place, { throwIfNoEntry: false });
    if (stats?.isFile() === true)
      return { prefix: mapped.prefix, path, sizeBytes: stats.size, isFolder: false };
    if (stats?.isDirectory() === true) {
      const sizeBytes = (filesIn(place) ?? []).reduce(
        (sum, name) => sum + statSync(join(place, name)).size,
        0,
      );
      return { prefix: mapped.prefix, path, sizeBytes, isFolder: true };
    }
  }
  return cutOf(mapped, cuts.get(mapped.prefix)?.get(nameForm(media)));
}

function cutOf({ prefix, folder }: MappedMedia, cut: RootCut | undefined): RootFile | null {
  if (cut === undefined) return null;
  const { file: path, span } = cut;
  const stats = statSync(placeInRoot(folder, path), { throwIfNoEntry: false });
  if (stats?.isFile() !== true) return null;
  return { prefix, path, sizeBytes: stats.size, isFolder: false, span };
}

/** This machine's folder for a recorded prefix, which the config may spell in another of Unicode's ways; undefined where it has none. */
export function rootFolder(roots: Roots | undefined, prefix: string): string | undefined {
  return Object.entries(roots ?? {}).find(([own]) => nameForm(own) === nameForm(prefix))?.[1];
}

/** Where a recorded place of a root lies on this machine; throws `wrong_use` where the config lacks the root. */
export function rootPlace(
  roots: Roots | undefined,
  { prefix, path }: Pick<RootFile, "prefix" | "path">,
): string {
  const folder = rootFolder(roots, prefix);
  if (folder === undefined)
    throw new Failure("wrong_use", `this machine's config has no root for ${prefix}`, { where: { path } });
  return placeInRoot(folder, path);
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

/** Names of the files in a folder, in one order everywhere, however its disk spells them; null where there is no such folder. */
export function filesIn(folder: string): string[] | null {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return null;
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .sort((a, b) => (nameForm(a) < nameForm(b) ? -1 : 1));
}
