import type { AnnotationRecord, Dataset } from "@shardmill/core";

export type FieldValue = string | number | null;

/** The catalogue's further fields, from the first record that has each; null where none has, or where it is no such value. */
export function recordFields(
  fields: Dataset["fields"],
  records: readonly AnnotationRecord[],
): Record<string, FieldValue> {
  const values: Record<string, FieldValue> = {};
  for (const [name, { from, type }] of Object.entries(fields)) {
    values[name] = null;
    for (const record of records) {
      values[name] = converted(record.fields[from], type);
      if (values[name] !== null) break;
    }
  }
  return values;
}

function converted(value: unknown, type: Dataset["fields"][string]["type"]): FieldValue {
  if (value === null || value === undefined) return null;
  const text = typeof value === "object" ? JSON.stringify(value, bigintAsText) : String(value);
  if (text.trim() === "") return null;
  if (type === "string") return text;
  // Number() alone would read "0x10" and " " as numbers; a score is written in decimals.
  if (!/^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$/.test(text)) return null;
  const number = Number(text);
  if (!Number.isFinite(number)) return null;
  return type === "int" && !Number.isSafeInteger(number) ? null : number;
}

/** Parquet has 64-bit integers, JSON has not. */
function bigintAsText(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
