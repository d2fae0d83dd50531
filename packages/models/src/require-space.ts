import { join } from "node:path";
import { Failure, type FileIdentity } from "@shardmill/core";
import type { FileSystem } from "@shardmill/store";
import { partialName } from "./own-names.ts";
import { factsOf, placeOf } from "./place-of.ts";

/**
 * Throws `output_full` where what is still to come has no place, before the first byte is asked for. A file of the right length counts
 * as there: whether it is the right one is seen later, and a disk that is full after all ends in one line as well.
 */
export async function requireSpace(
  fs: FileSystem,
  dir: string,
  wanted: readonly FileIdentity[],
): Promise<void> {
  let toCome = 0;
  for (const file of wanted) toCome += file.sizeBytes - (await lyingBytes(fs, dir, file));
  const free = await fs.freeBytes(dir);
  if (toCome <= free) return;
  throw new Failure(
    "output_full",
    `${megabytes(toCome)} MB are still to be fetched and ${megabytes(free)} MB are free; nothing was fetched: free some space, or name another --out`,
  );
}

/** What is there of a file, whole or begun. */
async function lyingBytes(fs: FileSystem, dir: string, file: FileIdentity): Promise<number> {
  const { path, sizeBytes } = file;
  const place = await placeOf(fs, dir, path).catch(() => null);
  if (place === null) return 0;
  const whole = await factsOf(fs, place.path);
  if (whole?.isFile === true && whole.sizeBytes === sizeBytes) return sizeBytes;
  const begun = await factsOf(fs, join(place.folder, partialName(place.name, file)));
  return Math.min(begun?.sizeBytes ?? 0, sizeBytes);
}

const megabytes = (bytes: number): string => String(Math.ceil(bytes / 1e6));
