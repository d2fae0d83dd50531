import { parseExactJson } from "@shardmill/core";
import { jsonElements } from "./json-elements.ts";
import type { TableRow } from "./table-row.ts";

/** The objects of a JSON array or of JSON lines. */
export async function* jsonTable(
  shape: "array" | "lines",
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<TableRow> {
  for await (const { text, number } of jsonElements(chunks, shape)) {
    const place = `${shape === "array" ? "record" : "line"} ${number}`;
    yield rowOf(text, place);
  }
}

function rowOf(text: string, place: string): TableRow {
  try {
    const { value, notFinite } = parseExactJson(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return { kind: "record", place, fields: { ...value }, notFinite, ...(notFinite === 0 && { text }) };
  } catch (error) {
    // Nested too deeply is as unusable as no JSON.
    if (!(error instanceof SyntaxError) && !(error instanceof RangeError)) throw error;
  }
  return { kind: "bad", place, detail: `this is no JSON object: ${text.slice(0, 80)}`, weight: 1 };
}
