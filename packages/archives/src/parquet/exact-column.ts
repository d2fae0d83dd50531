import { parseExactJson } from "@shardmill/core";
import type { ParquetParsers, SchemaElement } from "hyparquet";
import { DEFAULT_PARSERS } from "./hyparquet-internals.ts";

/** How the values of one physical column are converted: hyparquet's own way loses digits of some types. */
export interface ExactColumn {
  readonly element: SchemaElement;
  readonly parsers: ParquetParsers;
}

/**
 * - DECIMAL: hyparquet multiplies doubles. Here a number where its digits are certain, a BigInt where it is whole, else text.
 * - Dates are `2024-01-31`, times `2024-01-31T10:20:30.123456Z`: ISO 8601 with the digits that the column has.
 * - ENUM is text. INTERVAL and BSON, which hyparquet refuses, are bytes, and so no part of a record.
 */
export function exactColumn(element: SchemaElement): ExactColumn {
  const { converted_type: converted, logical_type: logical } = element;
  if (converted === "DECIMAL" || logical?.type === "DECIMAL") {
    const scale = element.scale ?? (logical?.type === "DECIMAL" ? logical.scale : 0);
    return throughTimestamp(element, (raw) => decimal(raw, scale));
  }
  if (converted === "INTERVAL" || converted === "BSON") return { element: bare(element), parsers };
  if (converted === "ENUM" || logical?.type === "ENUM")
    return { element: { ...bare(element), converted_type: "UTF8" }, parsers };
  return { element, parsers };
}

const parsers: ParquetParsers = {
  ...DEFAULT_PARSERS,
  timestampFromMilliseconds: (millis) => timeText(millis, 3),
  timestampFromMicroseconds: (micros) => timeText(micros, 6),
  timestampFromNanoseconds: (nanos) => timeText(nanos, 9),
  dateFromDays: (days) => timeText(BigInt(days) * 86_400n, 0)?.slice(0, -"T00:00:00Z".length) ?? null,
  jsonFromBytes: (bytes) => (bytes === undefined ? bytes : jsonOf(DEFAULT_PARSERS.stringFromBytes(bytes))),
};

function bare(element: SchemaElement): SchemaElement {
  const { converted_type: _converted, logical_type: _logical, ...rest } = element;
  return rest;
}

/** The one conversion of hyparquet that hands a column's raw values, of whatever physical type, to a function of ours. */
function throughTimestamp(element: SchemaElement, convert: (raw: unknown) => unknown): ExactColumn {
  return {
    element: {
      ...bare(element),
      logical_type: { type: "TIMESTAMP", isAdjustedToUTC: false, unit: "NANOS" },
    },
    parsers: { ...parsers, timestampFromNanoseconds: convert },
  };
}

/** Digits that a double holds whatever they are. */
const certainDigits = 15;

function decimal(raw: unknown, scale: number): number | bigint | string | null {
  const unscaled = unscaledOf(raw);
  if (unscaled === null) return null;
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, "0");
  const sign = unscaled < 0n ? "-" : "";
  const fraction = scale > 0 ? digits.slice(-scale).replace(/0+$/, "") : "";
  const whole = `${sign}${digits.slice(0, digits.length - Math.max(0, scale))}${"0".repeat(Math.max(0, -scale))}`;
  if (fraction === "") return numberOf(BigInt(whole));
  const text = `${whole}.${fraction}`;
  return whole.length + fraction.length <= certainDigits ? Number(text) : text;
}

function unscaledOf(raw: unknown): bigint | null {
  if (typeof raw === "bigint" || typeof raw === "number") return BigInt(raw);
  if (!(raw instanceof Uint8Array)) return null;
  // Big-endian two's complement.
  return raw.length === 0
    ? 0n
    : BigInt.asIntN(raw.length * 8, BigInt(`0x${Buffer.from(raw).toString("hex")}`));
}

function numberOf(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** A time in units of 10^-digits seconds since 1970 as ISO 8601; null where no calendar has it. */
function timeText(value: bigint | number, digits: number): string | null {
  const units = 10n ** BigInt(digits);
  const all = BigInt(value);
  const rest = ((all % units) + units) % units;
  const date = new Date(Number((all - rest) / units) * 1000);
  if (Number.isNaN(date.getTime())) return null;
  const fraction =
    digits === 0
      ? ""
      : `.${rest
          .toString()
          .padStart(digits, "0")
          .replace(/0{1,6}$/, "")
          .padEnd(3, "0")}`;
  return date.toISOString().replace(".000Z", `${fraction}Z`);
}

/** A column of JSON text is what its text says; text that is no JSON stays text. */
function jsonOf(text: string): unknown {
  try {
    return parseExactJson(text).value;
  } catch {
    return text;
  }
}
