import { type AnnotationRecord, valueAt } from "@shardmill/core";

/** What a record has where a text is wanted: absent, null and blank are the same, and anything else but a text is a mistake. */
export type TextValue =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "none" }
  | { readonly kind: "invalid"; readonly detail: string };

export function textValue(record: AnnotationRecord, field: string): TextValue {
  const value = valueAt(record, field) ?? null;
  if (value === null || (typeof value === "string" && value.trim() === "")) return { kind: "none" };
  if (typeof value === "string") return { kind: "text", text: wholeCharacters(value) };
  return { kind: "invalid", detail: `${field} is ${kindOf(value)}, expected a text` };
}

/**
 * JSON can hold half a character, which no UTF-8 has: readers that write a sample's text as bytes fail over it. As wherever a
 * text becomes bytes, U+FFFD stands for it.
 */
export function wholeCharacters(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}

/** What a value is, in words for a message. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "absent";
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "string":
      return "a text";
    case "number":
    case "bigint":
      return "a number";
    case "boolean":
      return "true or false";
    default:
      return "an object";
  }
}
