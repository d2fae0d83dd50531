import { type Manifest, readableManifest } from "@shardmill/core";
import { readRecordFile } from "./record-file.ts";
import { draftFiles } from "./record-paths.ts";
import type { Draft } from "./records.ts";
import type { Store } from "./store.ts";

/**
 * A draft that is whole; null of any other, and of what is none. After a loss of power a folder may be there without some
 * of its files, and nothing can be finished out of it.
 */
export async function readDraft(store: Store, draft: string): Promise<Draft | null> {
  const read = await readRecordFile(store, `${draft}/${draftFiles.manifest}`, readableManifest);
  if (read.kind !== "ok" || !(await isWhole(store, draft, read.value))) return null;
  const withdrawn = await store.read(`${draft}/${draftFiles.withdrawn}`);
  return withdrawn === null
    ? null
    : { manifest: read.value, withdrawn: Buffer.from(withdrawn).toString("utf8") };
}

async function isWhole(store: Store, draft: string, { tar }: Manifest): Promise<boolean> {
  const { ledger, energonIndex, daliIndex } = draftFiles;
  const names = new Set((await store.list(draft)).map((path) => path.slice(draft.length + 1)));
  const file = await store.stat(`${draft}/${draftFiles.tar}`);
  if ((tar?.bytes ?? null) !== (file?.sizeBytes ?? null)) return false;
  return [ledger, ...(tar === null ? [] : [energonIndex, daliIndex])].every((name) => names.has(name));
}
