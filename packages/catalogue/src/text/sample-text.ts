import {
  type AnnotationRecord,
  type ClipSpan,
  type Dataset,
  type Rejection,
  reject,
  type SampleText,
} from "@shardmill/core";
import { recordBounds } from "./record-bounds.ts";
import { type FieldValue, recordFields } from "./record-fields.ts";
import { textAdapterOf } from "./text-adapters.ts";

export type SampleTextResult =
  | {
      readonly kind: "ok";
      readonly text: SampleText;
      readonly fields: Record<string, FieldValue>;
      /** The stretch of its clip that it speaks of, where records have bounds; null for all of it. */
      readonly span: ClipSpan | null;
      /** The set that its first record is of. */
      readonly set: string;
    }
  | { readonly kind: "rejected"; readonly rejection: Rejection };

/**
 * The text side of one sample from all its records. With recipe.records `each` the caller gives one record at a time.
 * Nothing is invented: without a text there is no sample.
 */
export function sampleText(dataset: Dataset, records: readonly AnnotationRecord[]): SampleTextResult {
  const [first] = records;
  if (first === undefined)
    return { kind: "rejected", rejection: reject("no_annotation", "no record names this member") };
  const result = textAdapterOf(dataset.text).textOf(records, dataset.text);
  if (result.kind === "rejected") return result;
  const span = recordBounds(first, dataset.bounds);
  if (typeof span === "string") return { kind: "rejected", rejection: reject("annotation_invalid", span) };
  return {
    kind: "ok",
    text: result.text,
    fields: recordFields(dataset.fields, records),
    span,
    set: first.set,
  };
}
