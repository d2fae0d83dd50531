import { createHash } from "node:crypto";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A float that must be written with a decimal point even when it is whole: JSON.stringify(30.0) is `30`. */
export class Float {
  readonly value: number;
  readonly decimals: number | null;
  constructor(value: number, decimals: number | null = null) {
    this.value = value;
    this.decimals = decimals;
  }
}

export type SampleJson =
  | null
  | boolean
  | number
  | bigint
  | string
  | Float
  /** Token ids, or a mask. */
  | Uint32Array
  | Uint8Array
  | SampleJson[]
  | { [key: string]: SampleJson };

/** JSON with keys in the given order and floats always with a decimal point. One line, no spaces. */
export function sampleJsonText(value: SampleJson): string {
  if (value instanceof Float) return floatText(value);
  if (Array.isArray(value)) return `[${value.map(sampleJsonText).join(",")}]`;
  if (value instanceof Uint32Array || value instanceof Uint8Array) return `[${value.join(",")}]`;
  if (value !== null && typeof value === "object") {
    const fields = Object.entries(value).map(
      ([key, field]) => `${JSON.stringify(key)}:${sampleJsonText(field)}`,
    );
    return `{${fields.join(",")}}`;
  }
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}

function floatText({ value, decimals }: Float): string {
  if (!Number.isFinite(value)) return "null";
  const rounded = decimals === null ? value : Number(value.toFixed(decimals));
  const text = JSON.stringify(Object.is(rounded, -0) ? 0 : rounded);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** JSON with object keys sorted, for hashing. A whole number is its digits, whether it is a number or a BigInt. */
export function canonicalJson(value: unknown): string {
  // As JSON.stringify has it, so that a value and what is read back of it are the same.
  if (value instanceof Date) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${Array.from(value, canonicalItem).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`);
    return `{${fields.join(",")}}`;
  }
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}

/** What is not there is null in a list, as JSON.stringify has it. */
function canonicalItem(item: unknown): string {
  return item === undefined ? "null" : canonicalJson(item);
}

/** sha256 in hex of the canonical JSON of a value. */
export function hashOf(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}
