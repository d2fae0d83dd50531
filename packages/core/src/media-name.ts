/**
 * The media that the field of a record names: a text, or a number, which names what its digits name, as in a CSV. Null
 * where the value names none.
 */
export function mediaName(value: unknown): string | null {
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  return typeof value === "string" && value !== "" ? value : null;
}
