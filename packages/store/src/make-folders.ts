import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { systemCode } from "./output-failure.ts";

/**
 * A folder with its parents; returns the first one that had to be made, or null. Not `mkdir` with `recursive`: where a
 * parent exists and yet refuses with ENOENT, as /proc does, Node tries for ever.
 */
export async function makeFolders(path: string): Promise<string | null> {
  const lacking: string[] = [];
  for (let folder = path; !(await exists(folder)); folder = dirname(folder)) lacking.unshift(folder);
  let first: string | null = null;
  for (const folder of lacking) if (await makeOne(folder)) first ??= folder;
  return first;
}

async function exists(folder: string): Promise<boolean> {
  try {
    await stat(folder);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT" && dirname(folder) !== folder) return false;
    throw error;
  }
}

/** False when another was faster. */
async function makeOne(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    if (systemCode(error) !== "ENOENT") throw error;
    throw Object.assign(new Error(`${dirname(folder)} takes no folders`, { cause: error }), {
      code: "EACCES",
    });
  }
}
