import { randomUUID } from "node:crypto";

/**
 * JSON (RFC 8259) without loss: whole numbers that a double cannot hold are BigInt, and are written as they were read.
 * Node 20 shows no parser the source of a number, so that such numbers go through JSON.parse as marked strings; what is
 * JSON and what is not is decided by JSON.parse alone. (lossless-json reads neither NaN nor a key twice, and stream-json
 * rounds: 7352910847997496619 becomes 7352910847997496000.)
 */
export interface ExactJson {
  readonly value: unknown;
  /** NaN, Infinity, -Infinity (as Python's json writes them) and numbers beyond a double: each has become null. */
  readonly notFinite: number;
}

/** Nobody's data can hold it: it is another in every process, and none is written with it. */
const mark = `#${randomUUID()}#`;
const marked = new RegExp(`"${mark}(-?\\d+)"`, "g");

/**
 * Without any of these JSON.parse loses nothing: long runs of digits, large exponents, words that are no JSON. Digits count
 * where a number can begin: every other sha256 holds something like 3e123.
 */
const needsCare = /(?:^|[[:,\s])-?(?:\d{16}|\d[\d.]*[eE]\+?\d{3})|NaN|Infinity/;
const tokens = /NaN|-?Infinity|-?\d[\d.eE+-]*/g;
const wholeNumber = /^(-?(?:0|[1-9]\d*))(?:\.0+)?$/;
const wholeWithExponent = /^-?(?:0|[1-9]\d*)(?:\.0+)?[eE][+-]?\d+$/;
const anyNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** Longer ones are no numbers that anybody meant, and slow to handle. */
const maxDigits = 10_000;

/** Reads one JSON text; SyntaxError where it is none, RangeError where it is nested too deeply. */
export function parseExactJson(text: string): ExactJson {
  if (!needsCare.test(text)) return { value: JSON.parse(text), notFinite: 0 };
  const found: Found = { marked: 0, notFinite: 0 };
  const plain = withMarks(text, found);
  const value: unknown = found.marked === 0 ? JSON.parse(plain) : JSON.parse(plain, revived);
  return { value, notFinite: found.notFinite };
}

/** A value as JSON, whole numbers to the digit: on one line, or indented by so many blanks. */
export function exactJsonText(value: unknown, indent = 0): string {
  try {
    return JSON.stringify(value, null, indent);
  } catch (error) {
    // A BigInt somewhere. Anything else that JSON.stringify refuses it refuses again.
    if (!(error instanceof TypeError)) throw error;
  }
  const marking = (_: string, field: unknown) => (typeof field === "bigint" ? `${mark}${field}` : field);
  const text = JSON.stringify(value, marking, indent);
  return text.replace(marked, "$1");
}

interface Found {
  marked: number;
  notFinite: number;
}

/** The text with marked strings in place of numbers that need it. Strings are passed over as they are. */
function withMarks(text: string, found: Found): string {
  const pieces: string[] = [];
  for (let from = 0; from < text.length; ) {
    const quote = text.indexOf('"', from);
    const end = quote < 0 ? text.length : quote;
    pieces.push(end - from < 2 ? text.slice(from, end) : marksBetween(text.slice(from, end), found));
    if (quote < 0) break;
    from = afterString(text, quote);
    pieces.push(text.slice(quote, from));
  }
  return pieces.join("");
}

function marksBetween(between: string, found: Found): string {
  return between.replace(tokens, (token, at: number) => {
    if (token.endsWith("y") || token === "NaN") {
      found.notFinite += 1;
      return "null";
    }
    const digits = wholeNumber.exec(token)?.[1] ?? digitsLost(token);
    if (digits === undefined) {
      if (Number.isFinite(Number(token)) || !anyNumber.test(token)) return token;
      found.notFinite += 1;
      return "null";
    }
    // A number in a key's place is a mistake that JSON.parse has to see.
    if (Number.isSafeInteger(Number(digits)) || /^\s*:/.test(between.slice(at + token.length))) return token;
    if (digits.length > maxDigits) throw new SyntaxError(`a number of ${digits.length} digits`);
    found.marked += 1;
    return `"${mark}${digits}"`;
  });
}

/**
 * The digits of a whole number with an exponent, where a double would have others. One that a double writes as it was
 * read (1e23) stays a number: it is the same whether it was read here or by JSON.parse.
 */
function digitsLost(token: string): string | undefined {
  const nearest = Number(token);
  if (!wholeWithExponent.test(token) || !Number.isFinite(nearest)) return undefined;
  const digits = wholeDigits(token);
  return digits === wholeDigits(String(nearest)) ? undefined : digits;
}

/** A finite number's decimal digits without exponent; undefined where it is not whole. */
function wholeDigits(number: string): string | undefined {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? [];
  const significant = `${whole}${fraction}`.replace(/^0+/, "");
  const kept = significant.replace(/0+$/, "");
  if (kept === "") return "0";
  const zeros = Number(exponent) - fraction.length + significant.length - kept.length;
  return zeros < 0 ? undefined : `${sign}${kept}${"0".repeat(zeros)}`;
}

/** The position after the string that begins with the quote at `open`. */
function afterString(text: string, open: number): number {
  for (let close = text.indexOf('"', open + 1); close >= 0; close = text.indexOf('"', close + 1)) {
    let backslashes = 0;
    while (text[close - 1 - backslashes] === "\\") backslashes += 1;
    if (backslashes % 2 === 0) return close + 1;
  }
  return text.length;
}

function revived(_: string, value: unknown): unknown {
  return typeof value === "string" && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value;
}
