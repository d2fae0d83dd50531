import { type AnnotationRecord, type ClipSpan, type Dataset, valueAt } from "@shardmill/core";

/** The stretch of its clip that a record speaks of; null for all of it; what is wrong with it otherwise. */
export function recordBounds(record: AnnotationRecord, bounds: Dataset["bounds"]): ClipSpan | null | string {
  if (bounds === undefined) return null;
  const [start, end] = [bounds.start, bounds.end].map((path) => valueAt(record, path) ?? null);
  if (isNone(start) && isNone(end)) return null;
  const startS = isNone(start) ? 0 : secondsOf(start);
  const endS = isNone(end) ? null : secondsOf(end);
  if (startS === undefined || endS === undefined)
    return `${bounds.start} and ${bounds.end} are no times: expected seconds or HH:MM:SS`;
  if (endS !== null && endS <= startS) return `it ends at ${endS} s, and begins at ${startS} s`;
  return { startS, endS };
}

function isNone(value: unknown): boolean {
  return value === null || (typeof value === "string" && value.trim() === "");
}

/** Seconds as a number or a text, `HH:MM:SS.mmm`, or `MM:SS` of however many minutes; undefined where it is none. */
function secondsOf(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) && value >= 0 ? value : undefined;
  if (typeof value !== "string") return undefined;
  const text = value.trim().replace(",", ".");
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  const [, hours = "0", minutes, seconds] =
    /^(?:(\d+):(?=[0-5]?\d:))?(\d+):([0-5]?\d(?:\.\d+)?)$/.exec(text) ?? [];
  if (minutes === undefined || seconds === undefined) return undefined;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}
