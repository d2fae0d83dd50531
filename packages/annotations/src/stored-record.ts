import { type AnnotationRecord, parseExactJson } from "@shardmill/core";

/** A record as the table `raw` holds it. */
export function storedRecord(set: unknown, fields: unknown): AnnotationRecord {
  const parsed = parseExactJson(String(fields)).value;
  return { set: String(set), fields: typeof parsed === "object" && parsed !== null ? { ...parsed } : {} };
}
