import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * The root of the cache that a folder is a snapshot of, or lies in one: what `huggingface_hub.snapshot_download` makes is
 * `datasets--owner--name/snapshots/<commit>/...`, whose files are links to `../../blobs/<hash>`. Null for other folders.
 */
export async function cacheRootOf(realFolder: string): Promise<string | null> {
  for (let below = realFolder; dirname(below) !== below; below = dirname(below)) {
    const snapshots = dirname(below);
    if (basename(snapshots) !== "snapshots") continue;
    const root = dirname(snapshots);
    const blobs = await stat(join(root, "blobs")).catch(() => null);
    if (blobs?.isDirectory() === true) return root;
  }
  return null;
}
