import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const mostMarks = 12;

/** A few files of a folder, by a hash of the name and the size: by these its data is known where the folder is another one. */
export function marksOf(folder: string): string[] {
  const marks: string[] = [];
  for (const [word, name] of [...namesByHash(folder)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const bytes = sizeOf(join(folder, name));
    if (bytes !== null) marks.push(`${word}:${bytes}`);
    if (marks.length === mostMarks) break;
  }
  return marks;
}

/** Most of the files are there, whatever has come besides or has gone. */
export function hasMarks(folder: string, marks: readonly string[]): boolean {
  const names = namesByHash(folder);
  const found = marks.filter((mark) => {
    const [word = "", bytes] = mark.split(":");
    const name = names.get(word);
    return name !== undefined && `${sizeOf(join(folder, name))}` === bytes;
  });
  return marks.length === 0 || 2 * found.length > marks.length;
}

/** Files that are no folder's settings or caches, which look alike everywhere. */
function namesByHash(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const own = names.filter((name) => !name.split("/").some((word) => word.startsWith(".")));
  return new Map(own.map((name) => [createHash("sha256").update(name).digest("hex").slice(0, 12), name]));
}

/** Null of what is no file. */
function sizeOf(path: string): number | null {
  const facts = statSync(path, { throwIfNoEntry: false });
  return facts?.isFile() === true ? facts.size : null;
}
