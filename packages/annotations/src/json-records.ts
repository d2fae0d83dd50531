import type { FileIdentity } from "@shardmill/core";
import { invalidAnnotations, requireColumns } from "./invalid-annotations.ts";
import { JsonShapeError, jsonElements } from "./json-elements.ts";

export interface JsonRecord {
  /** As the file has it. */
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The objects of a JSON array or of JSON lines. */
export async function* jsonRecords(
  file: FileIdentity,
  required: readonly string[],
  shape: "array" | "lines",
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<JsonRecord> {
  let number = 0;
  try {
    for await (const text of jsonElements(chunks, shape)) {
      number += 1;
      const fields = parsedRecord(text);
      if (fields === null)
        throw new JsonShapeError(`element ${number} is no JSON object: ${text.slice(0, 80)}`);
      if (number === 1) requireColumns(file, required, Object.keys(fields), "fields of the first record");
      yield { text, fields };
    }
  } catch (error) {
    throw error instanceof JsonShapeError ? invalidAnnotations(file, error.message, error) : error;
  }
}

function parsedRecord(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
