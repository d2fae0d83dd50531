import { contentName } from "@shardmill/archives";
import type { RecordFormat } from "@shardmill/core";

/** Enough of a file's beginning to tell what it is. */
export const headBytes = 64 * 1024;

type TextFormat = Exclude<RecordFormat, "parquet" | "texts">;

const expectedText: Record<TextFormat, string> = {
  csv: "CSV",
  json: "one JSON array of records",
  jsonl: "JSON lines",
  coco: "one JSON object with images and annotations",
};

/**
 * What a file is when it is not the table that the catalogue calls it, in one line; null where it may be one. Told before
 * anything is read, since such a file would give thousands of bad records, or one that is as large as itself.
 */
export function otherContent(head: Uint8Array, format: TextFormat): string | null {
  const found = foundContent(head, format);
  return found === null ? null : `expected ${expectedText[format]}, found ${found}`;
}

function foundContent(head: Uint8Array, format: TextFormat): string | null {
  const wide = wideText(head);
  if (wide !== null) return `${wide} text: convert it to UTF-8`;
  const binary = contentName(head);
  if (binary !== null && binary !== "JSON") return binary;
  const text = Buffer.from(head)
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .trimStart();
  if (text === "") return head.length < headBytes ? "an empty file" : null;
  // The last byte may be the half of a CRLF.
  if (format !== "json" && format !== "coco" && !text.includes("\n") && /\r[^\n]/.test(text))
    return "rows that end in CR alone (old Mac): convert them to LF";
  if (format === "csv") return jsonShape(text, false);
  if (format === "coco") return text.startsWith("{") ? null : (jsonShape(text, true) ?? beginning(text));
  if (format === "json") return text.startsWith("[") ? null : (jsonShape(text, true) ?? beginning(text));
  return text.startsWith("[") && !isLineOfLines(text) ? "a JSON array: format json" : objectOverLines(text);
}

/** A BOM of two bytes or four, or a NUL in every second byte, as Latin letters in UTF-16 have. */
function wideText(head: Uint8Array): string | null {
  const [a, b, c, d] = head;
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? "UTF-32" : "UTF-16";
  if (a === 0xfe && b === 0xff) return "UTF-16";
  const looked = head.subarray(0, 4096);
  const zeros = [0, 0];
  for (const [at, byte] of looked.entries()) if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  return Math.max(even, odd) > looked.length * 0.2 && Math.min(even, odd) < looked.length * 0.05
    ? "UTF-16"
    : null;
}

function jsonShape(text: string, isJsonExpected: boolean): string | null {
  if (/^\[\s*[[{\]]/.test(text)) return "a JSON array: format json";
  if (!/^\{\s*["}]/.test(text)) return null;
  const [first = "", second = ""] = text.split("\n", 2).map((line) => line.trim());
  if (isObject(first) && second.startsWith("{")) return "JSON lines: format jsonl";
  const key = /^\{\s*"((?:[^"\\]|\\.){0,80})"/.exec(text)?.[1];
  if (!isJsonExpected && isObject(first)) return "JSON: format json or jsonl";
  return key === undefined ? "one JSON object" : `one JSON object that begins with the key ${key}`;
}

function isObject(line: string): boolean {
  try {
    return line.startsWith("{") && typeof JSON.parse(line) === "object";
  } catch {
    return false;
  }
}

/** Lines that are lists: bad records, but lines all the same. */
function isLineOfLines(text: string): boolean {
  const [first = "", second = ""] = text.split("\n", 2).map((line) => line.trim());
  return first.endsWith("]") && second.startsWith("{");
}

function objectOverLines(text: string): string | null {
  return /^\{\s*\r?\n/.test(text) ? "JSON objects that go over several lines" : null;
}

function beginning(text: string): string {
  return `text that begins with ${text.slice(0, 40).replace(/\s+/g, " ").trim()}`;
}
