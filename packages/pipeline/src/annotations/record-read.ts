import { columnsRead } from "@shardmill/catalogue";
import type { AnnotationRecord, Dataset } from "@shardmill/core";

/**
 * Of a record what its sample is made of, and nothing else: a column that nobody reads may come, go or change without
 * another shard for it.
 */
export function recordRead(dataset: Dataset): (record: AnnotationRecord) => {
  set: string;
  fields: Record<string, unknown>;
} {
  const columns = new Set(columnsRead(dataset).all);
  return ({ set, fields }) => ({
    set,
    fields: Object.fromEntries(Object.entries(fields).filter(([name]) => columns.has(name))),
  });
}
