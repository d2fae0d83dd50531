import type { AnnotationRecord } from "@shardmill/core";

/** A record as the table `raw` holds it. */
export function storedRecord(set: unknown, fields: unknown): AnnotationRecord {
  const parsed: unknown = JSON.parse(String(fields));
  return { set: String(set), fields: typeof parsed === "object" && parsed !== null ? { ...parsed } : {} };
}
