import { dirname } from "node:path";
import type { FileSystem } from "./file-system.ts";
import { hasNoFolderSync } from "./output-failure.ts";

/** Names in a folder are on the disk when this returns, as far as the file system can say so. */
export async function syncFolder(fs: FileSystem, folder: string): Promise<void> {
  try {
    await fs.syncFolder(folder);
  } catch (error) {
    if (!hasNoFolderSync(error)) throw error;
  }
}

/** A folder with its parents. New ones are on the disk, too, before anything in them is called safe. */
export async function makeSyncedFolder(fs: FileSystem, path: string): Promise<void> {
  const first = await fs.mkdir(path);
  if (first === null) return;
  for (let folder = path; folder.length >= first.length; folder = dirname(folder))
    await syncFolder(fs, dirname(folder));
}
