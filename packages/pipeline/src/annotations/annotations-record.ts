import { type AnnotationsRecord, readableAnnotations, subsetWord } from "@shardmill/core";
import type { Records } from "@shardmill/store";

/** What indexing the annotations gave, kept beside the index, so that status need not open it. */
export async function writeAnnotationsRecord(records: Records, record: AnnotationsRecord): Promise<void> {
  const word = record.subset === null ? "all" : subsetWord(record.subset);
  // A subset may be called all.
  const name = record.subset !== null && word === "all" ? "of-all" : word;
  await records.store.put(`${records.paths.annotations}/${name}.json`, `${JSON.stringify(record)}\n`);
}

export async function readAnnotationsRecords(records: Records): Promise<AnnotationsRecord[]> {
  const found: AnnotationsRecord[] = [];
  for (const path of await records.store.list(records.paths.annotations)) {
    if (!path.endsWith(".json")) continue;
    const bytes = await records.store.read(path);
    const parsed = bytes === null ? null : readableAnnotations.safeParse(parseJson(bytes));
    if (parsed?.success === true) found.push(parsed.data);
  }
  return found;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return null;
  }
}
