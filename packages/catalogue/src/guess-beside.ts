import { findText } from "./guess-text.ts";
import { reservedSampleKeys } from "./sample-json.ts";

/** Records that were found beside media, by the endings of their files. */
export type BesideRecords = readonly Readonly<Record<string, unknown>>[];

/** The text and further keys of samples whose records lie beside them; null where they hold no text. */
export function guessBeside(records: BesideRecords): Record<string, unknown> | null {
  const text = textOf(records);
  if (text === null) return null;
  return { annotations: { kind: "beside" }, text, fields: fieldsOf(records, new Set(Object.values(text))) };
}

function textOf(records: BesideRecords): Record<string, string> | null {
  const endings = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const plain = ["txt", "caption", "text", "cls"].find((ending) => endings.includes(ending));
  const json = endings.filter((ending) => /(^|\.)json$/.test(ending));
  for (const ending of json) {
    const values = records.map((record) => record[ending]);
    if (values.some(isTurns)) return { adapter: "conversations", conversations: word(ending) };
    const found = findText(keysOf(values));
    // A caption that stands in a text of its own comes before one among other fields.
    if (found === null || (found.adapter === "caption" && plain !== undefined)) continue;
    const placed = Object.entries(found).map(([field, key]) =>
      field === "adapter" ? [field, key] : [field, `${word(ending)}.${word(key)}`],
    );
    return Object.fromEntries(placed) as Record<string, string>;
  }
  if (plain !== undefined) return { adapter: "caption", caption: word(plain) };
  const other = endings.find((ending) => /\.(txt|text|caption)$/.test(ending));
  return other === undefined ? null : { adapter: "caption", caption: word(other) };
}

function isTurns(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((turn) => isObject(turn) && ("from" in turn || "role" in turn))
  );
}

/** Every plain value of the JSON, under its own name or, where that means something else in a sample, as `json_<name>`. */
function fieldsOf(records: BesideRecords, inText: ReadonlySet<unknown>): Record<string, unknown> {
  const values = records.map(({ json }) => json);
  const fields: Record<string, unknown> = {};
  for (const key of keysOf(values)) {
    const from = `json.${word(key)}`;
    const type = typeOf(
      key,
      values.flatMap((value) => (isObject(value) && value[key] != null ? [value[key]] : [])),
    );
    const name = key.toLowerCase().replace(/[^a-z0-9_]/g, "_");
    const own = reservedSampleKeys.includes(name) || !/^[a-z]/.test(name) ? `json_${name}` : name;
    if (type !== null && !inText.has(from) && fields[own] === undefined) fields[own] = { from, type };
  }
  return fields;
}

/** Names of whole numbers: of any other a later record may have a fraction. */
const wholeName = /(^|_)(id|idx|index|count|num|n|width|height|bytes|size|frames?|year)(_|$)/i;

function typeOf(name: string, values: readonly unknown[]): "string" | "int" | "float" | null {
  if (values.length === 0 || values.some((value) => typeof value === "object" || typeof value === "boolean"))
    return null;
  const isNumber = (value: unknown): value is number | bigint =>
    typeof value === "number" || typeof value === "bigint";
  if (!values.every(isNumber)) return "string";
  const areWhole = values.every((value) => typeof value === "bigint" || Number.isInteger(value));
  return areWhole && (wholeName.test(name) || values.some((value) => value > 2 ** 31)) ? "int" : "float";
}

function keysOf(values: readonly unknown[]): string[] {
  return [...new Set(values.flatMap((value) => (isObject(value) ? Object.keys(value) : [])))];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A name with dots or brackets of its own stands in quotes. */
function word(name: string): string {
  return /^[^.[\]"]+$/.test(name) ? name : `"${name.replaceAll('"', "")}"`;
}
