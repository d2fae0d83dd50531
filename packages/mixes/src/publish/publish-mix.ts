import { Failure } from "@shardmill/core";
import { readRecord, recordPaths, recordText, type Store } from "@shardmill/store";
import type { Decontamination } from "../keys/related-keys.ts";
import type { MixPlan } from "../plan/mix-plan.ts";
import { mixChanges } from "./mix-changes.ts";
import { mixFiles } from "./mix-files.ts";
import { type MixRecord, mixRecord, mixRecordSchema } from "./mix-record.ts";

/** Beside the outputs. */
function mixFolder(name: string): string {
  return `mixes/${name}`;
}

/** What was published before, and what is other now. */
export interface PublishedBefore {
  readonly record: MixRecord;
  readonly changes: readonly string[];
}

/** What a published mix was held clear of, and what it does without for that: for a look at it that compares nothing. */
export function decontaminationOf(record: MixRecord | null): Decontamination {
  if (record === null || record.decontaminated.length === 0) return { against: [] };
  const found = new Map(record.sets.map(({ dataset, related }) => [dataset, related]));
  return { against: record.decontaminated, found };
}

/** Null where nothing was published, or nothing that can be read: it is published anew. */
export async function publishedBefore(store: Store, plan: MixPlan): Promise<PublishedBefore | null> {
  const record = await publishedMix(store, plan.name);
  return record === null ? null : { record, changes: mixChanges(record, mixRecord(plan)) };
}

/** What was published last; null as of `publishedBefore`. */
export async function publishedMix(store: Store, name: string): Promise<MixRecord | null> {
  try {
    return await readRecord(store, `${mixFolder(name)}/mix.json`, mixRecordSchema);
  } catch (error) {
    if (error instanceof Failure && error.code === "record_invalid") return null;
    throw error;
  }
}

/** The names of published mixes that have samples of an output. */
export async function mixesWith(store: Store, dataset: string): Promise<string[]> {
  const names: string[] = [];
  for (const name of await store.listFolders("mixes"))
    if ((await publishedMix(store, name))?.sets.some((set) => set.dataset === dataset) === true)
      names.push(name);
  return names;
}

/**
 * Writes the files of a ready mix; `mix.json` comes last and says that they are whole. What an earlier run wrote and this one does not
 * is removed. Returns the paths below the store's root.
 */
export async function publishMix(store: Store, plan: MixPlan): Promise<string[]> {
  if ((await store.stat(recordPaths("mixes").build)) !== null)
    throw new Failure(
      "wrong_use",
      "there is an output of the name mixes, where mixes are published: give it another name",
    );
  const folder = mixFolder(plan.name);
  const before = await publishedMix(store, plan.name);
  const files = mixFiles(plan);
  for (const { path, text } of files) await store.put(`${folder}/${path}`, text);
  const record = mixRecord(plan);
  const kept = new Set(record.files);
  for (const path of before?.files ?? [])
    if (!kept.has(path) && isOwnPath(path)) await store.remove(`${folder}/${path}`);
  await store.put(`${folder}/mix.json`, recordText(record));
  return [...files.map(({ path }) => `${folder}/${path}`), `${folder}/mix.json`];
}

/** A record is a file that anybody may have changed. */
function isOwnPath(path: string): boolean {
  return /^(webdataset|energon|trainer)\/(?!.*\.\.)[\w./-]+$/.test(path);
}
