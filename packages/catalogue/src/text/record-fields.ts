import { type AnnotationRecord, type Dataset, exactJsonText, valueAt } from "@shardmill/core";
import { wholeCharacters } from "./text-value.ts";

/** A whole number that a double cannot hold is a BigInt. */
export type FieldValue = string | number | bigint | null;

/** The catalogue's further fields, from the first record that has each; null where none has, or where it is no such value. */
export function recordFields(
  fields: Dataset["fields"],
  records: readonly AnnotationRecord[],
): Record<string, FieldValue> {
  const values: Record<string, FieldValue> = {};
  for (const [name, { from, type }] of Object.entries(fields)) {
    values[name] = null;
    for (const record of records) {
      values[name] = converted(valueAt(record, from), type);
      if (values[name] !== null) break;
    }
  }
  return values;
}

function converted(value: unknown, type: Dataset["fields"][string]["type"]): FieldValue {
  if (value === null || value === undefined) return null;
  const text = typeof value === "object" ? exactJsonText(value) : String(value);
  if (text.trim() === "") return null;
  if (type === "string") return wholeCharacters(text);
  // Number() alone would read "0x10" and " " as numbers; a score is written in decimals.
  if (!/^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$/.test(text)) return null;
  // A double of that size has been rounded before it came here.
  if (type === "int" && typeof value === "number" && !Number.isSafeInteger(value)) return null;
  return type === "int" ? wholeNumber(text.trim()) : finite(Number(text));
}

/** To the digit, or null: a fraction is no whole number, and of digits with an exponent a double holds only so many. */
function wholeNumber(text: string): number | bigint | null {
  const [, sign = "", whole = "", fraction = ""] = /^\+?(-?)(\d*)\.?(\d*)$/.exec(text) ?? [];
  if (whole === "") return withExponent(text);
  if (/[1-9]/.test(fraction) || whole.length > maxDigits) return null;
  const number = Number(`${sign}${whole}`);
  return Number.isSafeInteger(number) ? number : BigInt(`${sign}${whole}`);
}

function withExponent(text: string): number | null {
  const digits = text.replace(/[eE].*$/, "").replace(/\D/g, "");
  const number = Number(text);
  return digits.length <= certainDigits && Number.isSafeInteger(number) ? number : null;
}

/** Digits that a double holds whatever they are. */
const certainDigits = 15;

/** As core reads them. */
const maxDigits = 10_000;

function finite(number: number): number | null {
  return Number.isFinite(number) ? number : null;
}
