import {
  type AnnotationRecord,
  type Dataset,
  type Rejection,
  reject,
  type SampleText,
} from "@shardmill/core";
import { captionText } from "./caption.ts";
import { cauldronText } from "./cauldron.ts";
import { conversationsText } from "./conversations.ts";
import { llavaVideoText } from "./llava-video.ts";
import { multipleChoiceText } from "./multiple-choice.ts";
import { questionAnswerText } from "./question-answer.ts";
import { type FieldValue, recordFields } from "./record-fields.ts";
import type { TextResult } from "./turns.ts";

export type SampleTextResult =
  | { readonly kind: "ok"; readonly text: SampleText; readonly fields: Record<string, FieldValue> }
  | { readonly kind: "rejected"; readonly rejection: Rejection };

type Adapter = (rule: Dataset["text"], records: readonly AnnotationRecord[]) => TextResult;

const adapters: Record<Dataset["text"]["adapter"], Adapter> = {
  caption: captionText,
  "question-answer": questionAnswerText,
  "multiple-choice": multipleChoiceText,
  conversations: conversationsText,
  cauldron: cauldronText,
  "llava-video": llavaVideoText,
};

/**
 * The text side of one sample from all its records. With recipe.records `each` the caller gives one record at a time.
 * Nothing is invented: without a text there is no sample.
 */
export function sampleText(dataset: Dataset, records: readonly AnnotationRecord[]): SampleTextResult {
  if (records.length === 0)
    return { kind: "rejected", rejection: reject("no_annotation", "no record names this member") };
  const result = adapters[dataset.text.adapter](dataset.text, records);
  if (result.kind === "rejected") return result;
  return { kind: "ok", text: result.text, fields: recordFields(dataset.fields, records) };
}
