import { access } from "node:fs/promises";
import { basename, Failure } from "@shardmill/core";
import type { AnnotationIndex } from "./annotation-index.ts";
import { indexFile } from "./index-file.ts";
import { lookup } from "./lookup.ts";
import { openDatabase } from "./open-database.ts";
import { readIndexFacts } from "./read-index-facts.ts";
import { streamRecords } from "./stream-records.ts";

/** The index of that identity, read-only, or null where the folder has none; `record_invalid` where it is damaged. */
export async function openAnnotationIndex(dir: string, id: string): Promise<AnnotationIndex | null> {
  const path = indexFile(dir, id);
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (!exists) return null;
  try {
    return await openIndex(path, id);
  } catch (cause) {
    throw new Failure("record_invalid", `the annotation index ${basename(path)} cannot be read`, {
      where: { path: basename(path) },
      cause,
    });
  }
}

async function openIndex(path: string, id: string): Promise<AnnotationIndex> {
  const database = await openDatabase(path, { isReadOnly: true, memoryLimitMb: 256 });
  try {
    const facts = await readIndexFacts(database);
    return {
      id,
      count: facts.count,
      duplicates: facts.duplicates,
      remarks: facts.remarks,
      lookup: (queries, signal) => lookup(database, facts, queries, signal),
      records: (signal) => streamRecords(database, signal),
      close: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}
