import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** sha256 of every file below a folder, by path: equal before and after is a folder that nothing was written into. */
export async function filesOf(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const hashes = await Promise.all(
    paths.map(async (path): Promise<[string, string]> => {
      const hash = createHash("sha256").update(await readFile(path));
      return [path.slice(folder.length + 1), hash.digest("hex")];
    }),
  );
  return new Map(hashes.sort(([a], [b]) => (a < b ? -1 : 1)));
}
