/** Figures as a reader of a paper has them. Decimal units: MB is a million bytes. */
export function countWords(count: number): string {
  return count.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

export function sizeWords(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? "B"}`;
}

/** Hours of video; an em dash where there is none, `unknown` where a shard does not say. */
export function hoursWords(durationMs: number | null): string {
  if (durationMs === null) return "unknown";
  if (durationMs === 0) return "—";
  const hours = durationMs / 3_600_000;
  return hours >= 100 ? countWords(Math.round(hours)) : hours.toFixed(hours < 1 ? 4 : 2);
}

export function shareWords(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** At most two digits behind the point, and none that say nothing. */
export function numberWords(value: number): string {
  const [whole = "0", rest = ""] = value.toFixed(2).split(".");
  const digits = rest.replace(/0+$/, "");
  return `${countWords(Number(whole))}${digits === "" ? "" : `.${digits}`}`;
}

export function pluralWords(count: number, word: string): string {
  return `${countWords(count)} ${word}${count === 1 ? "" : "s"}`;
}

/** The day of a moment that a record has. */
export function dayOf(moment: string): string {
  return moment.slice(0, 10);
}

/** `a`, `a and b`, `a, b and c`. */
export function listWords(words: readonly string[]): string {
  if (words.length <= 1) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
