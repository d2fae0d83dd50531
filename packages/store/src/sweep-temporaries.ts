import { markState } from "./process-mark.ts";
import { recordPaths } from "./record-paths.ts";
import type { FileStat, Store } from "./store.ts";
import { parseTemporaryName } from "./temporary-name.ts";

export interface SweepResult {
  readonly removed: readonly string[];
  /** Temporaries that stay: their process lives, or may live on another machine. */
  readonly kept: readonly string[];
}

const dayMs = 24 * 3600 * 1000;

/**
 * Removes what dead processes of this machine left under temporary names, and never what a living one is writing.
 * Whether a process of another machine lives cannot be known: its temporaries go when nothing has been written to them
 * for a day. A worker that wakes after that only finds that publishing fails, and its shard is made again.
 * Drafts of shards that are not committed stay, whoever made them: what is in them need not be made again.
 */
export async function sweepTemporaries(
  store: Store,
  dataset: string,
  deps: { readonly now?: () => number; readonly otherHostsAfterMs?: number } = {},
): Promise<SweepResult> {
  const removed: string[] = [];
  const kept: string[] = [];
  const oldestMs = (deps.now ?? Date.now)() - (deps.otherHostsAfterMs ?? dayMs);
  for (const stat of await store.listAll(recordPaths(dataset).dataset)) {
    const temporary = parseTemporaryName(stat.path.slice(stat.path.lastIndexOf("/") + 1));
    if (temporary === null || removed.some((path) => stat.path.startsWith(`${path}/`))) continue;
    const state = markState(temporary.mark);
    const isLeft = state === "dead" || (state === "unknown" && isUntouched(stat, oldestMs));
    if (isLeft) await store.remove(stat.path);
    (isLeft ? removed : kept).push(stat.path);
  }
  removed.push(...(await sweepDrafts(store, dataset)));
  return { removed, kept };
}

/** What was made of a shard that is committed: its writer died when it had published it, or found it published. */
async function sweepDrafts(store: Store, dataset: string): Promise<string[]> {
  const paths = recordPaths(dataset);
  const removed: string[] = [];
  for (const name of await store.listFolders(paths.drafts)) {
    const shard = name.slice(0, Math.max(0, name.lastIndexOf("~")));
    if (name.startsWith(".") || shard === "" || (await store.stat(paths.manifest(shard))) === null) continue;
    await store.drafts?.remove(`${paths.drafts}/${name}`);
    removed.push(`${paths.drafts}/${name}`);
  }
  return removed;
}

function isUntouched(stat: FileStat, sinceMs: number): boolean {
  return stat.modifiedMs < sinceMs;
}
