import { randomUUID } from "node:crypto";
import { type RecordSchema, readRecord, recordText } from "./record-file.ts";
import type { Records } from "./records.ts";

/** What an output is known by while a build is at work there: its build, and a word that is in no other folder. */
export interface OutputMark {
  readonly build: string;
  readonly word: string;
}

/** A new mark, in place of the one of the owner before: a copy of the folder that was made in between has another one. */
export async function writeOutputMark(records: Records, build: string): Promise<OutputMark> {
  const mark = { build, word: randomUUID() };
  await records.store.put(records.paths.mark, recordText({ version: 1, ...mark }));
  return mark;
}

export function readOutputMark({ store, paths }: Records): Promise<OutputMark | null> {
  return readRecord(store, paths.mark, markSchema);
}

const markSchema: RecordSchema<OutputMark> = {
  safeParse(value) {
    if (typeof value === "object" && value !== null && "build" in value && "word" in value) {
      const { build, word } = value;
      if (typeof build === "string" && typeof word === "string")
        return { success: true, data: { build, word } };
    }
    return { success: false, error: { issues: [{ path: [], message: "expected build and word" }] } };
  },
};
