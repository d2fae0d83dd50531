import {
  type AnnotationRecord,
  type Dataset,
  type Rejection,
  reject,
  type SampleText,
} from "@shardmill/core";
import { type FieldValue, recordFields } from "./record-fields.ts";
import { textAdapterOf } from "./text-adapters.ts";

export type SampleTextResult =
  | { readonly kind: "ok"; readonly text: SampleText; readonly fields: Record<string, FieldValue> }
  | { readonly kind: "rejected"; readonly rejection: Rejection };

/**
 * The text side of one sample from all its records. With recipe.records `each` the caller gives one record at a time.
 * Nothing is invented: without a text there is no sample.
 */
export function sampleText(dataset: Dataset, records: readonly AnnotationRecord[]): SampleTextResult {
  if (records.length === 0)
    return { kind: "rejected", rejection: reject("no_annotation", "no record names this member") };
  const result = textAdapterOf(dataset.text).textOf(records, dataset.text);
  if (result.kind === "rejected") return result;
  return { kind: "ok", text: result.text, fields: recordFields(dataset.fields, records) };
}
