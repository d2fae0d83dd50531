import { basename } from "node:path";
import { writeContactSheet } from "@shardmill/shards";
import { parseTemporaryName, type Store } from "@shardmill/store";
import { z } from "zod";
import type { ReportInput } from "./document/report-input.ts";
import { recordName, reportFiles, sheetPath } from "./report-files.ts";

const recordSchema = z.object({ version: z.literal(1), files: z.array(z.string()) });

/** What lies in the folder of a report. */
export interface ReportFolder {
  /** Of an earlier report. */
  readonly own: readonly string[];
  /** Whatever else: a report is never written among other files. */
  readonly others: readonly string[];
}

/** `store`: of the report's folder. */
export async function lookAtFolder(store: Store): Promise<ReportFolder> {
  const there = (await store.listAll(""))
    .filter(({ path, isFolder }) => !isFolder && parseTemporaryName(basename(path)) === null)
    .map(({ path }) => path);
  const record = await store.read(recordName);
  const own = new Set(record === null ? [] : filesOf(record));
  return {
    own: there.filter((path) => own.has(path)),
    others: there.filter((path) => !own.has(path)),
  };
}

function filesOf(record: Uint8Array): readonly string[] {
  try {
    const read = recordSchema.safeParse(JSON.parse(Buffer.from(record).toString("utf8")));
    return read.success ? read.data.files : [];
  } catch {
    return [];
  }
}

export interface WrittenReport {
  /** In order. */
  readonly files: readonly string[];
  readonly notes: readonly string[];
}

/** Writes the files of a report; those of an earlier one that this one has not are taken away. */
export async function writeReport(
  store: Store,
  input: ReportInput,
  signal: AbortSignal,
): Promise<WrittenReport> {
  const { own } = await lookAtFolder(store);
  const { texts, notes } = reportFiles(input);
  const written = new Set<string>();
  // Before anything else: what is written from here on is the report's own, should it end halfway.
  await store.put(recordName, texts.get(recordName) ?? "");
  for (const [path, text] of texts) {
    signal.throwIfAborted();
    await store.put(path, text);
    written.add(path);
  }
  for (const { facts, dataset, sheet } of input.sets) {
    signal.throwIfAborted();
    if (sheet.length === 0) continue;
    const path = sheetPath(facts.name);
    const frames = sheet.map(({ key, jpeg }) => ({ jpeg, label: key }));
    await writeContactSheet({ title: dataset.title, caption: null, frames }, { store, path });
    written.add(path);
  }
  for (const path of own) if (!written.has(path)) await store.remove(path);
  return { files: [...written].sort(), notes };
}
