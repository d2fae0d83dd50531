import type { Conditional } from "./conditional.ts";
import type { FileStat } from "./file-stat.ts";
import { readObjectDraft } from "./object-draft.ts";
import { openRecords } from "./open-records.ts";
import { markState } from "./process-mark.ts";
import { recordPaths } from "./record-paths.ts";
import type { Records } from "./records.ts";
import type { Store } from "./store.ts";
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

/**
 * What was made of a shard that is committed: its writer died when it had published it, or found it published. In a bucket
 * a manifest commits a shard only where it names the tar that lies there.
 */
async function sweepDrafts(store: Store, dataset: string): Promise<string[]> {
  const records = openRecords(store, dataset);
  const { paths } = records;
  const removed: string[] = [];
  for (const draft of await draftsIn(store, paths.drafts)) {
    const name = draft.slice(paths.drafts.length + 1);
    const shard = name.slice(0, Math.max(0, name.lastIndexOf("~")));
    if (name.startsWith(".") || shard === "" || !(await isCommitted(records, shard))) continue;
    if (store.conditional !== null) await placeItsLedger(records, { draft, shard }, store.conditional);
    await records.removeDraft(draft);
    removed.push(draft);
  }
  return removed;
}

/**
 * In a bucket the manifest of a shard without samples commits it before its ledger lies there: who died between the two
 * left the only copy in the draft.
 */
async function placeItsLedger(
  records: Records,
  { draft, shard }: { readonly draft: string; readonly shard: string },
  bucket: Conditional,
): Promise<void> {
  const { store, paths } = records;
  const made = await readObjectDraft(store, draft);
  if (made === null || made.manifest.tar !== null) return;
  const isOfDraft = (await bucket.look(paths.manifest(shard)))?.owner === draft;
  if (isOfDraft) await store.put(paths.ledger(shard), made.ledger);
}

async function draftsIn(store: Store, folder: string): Promise<string[]> {
  if (store.conditional !== null)
    return (await store.conditional.beginning(`${folder}/`)).map(({ path }) => path);
  return (await store.listFolders(folder)).map((name) => `${folder}/${name}`);
}

async function isCommitted(records: Records, shard: string): Promise<boolean> {
  const { store, paths } = records;
  if (store.conditional === null) return (await store.stat(paths.manifest(shard))) !== null;
  const read = await records.readManifest(shard);
  if (read.kind !== "ok") return false;
  const { tar } = read.value;
  return tar === null || (await store.stat(paths.tar(shard)))?.sha256 === tar.sha256;
}

function isUntouched(stat: FileStat, sinceMs: number): boolean {
  return stat.modifiedMs < sinceMs;
}
