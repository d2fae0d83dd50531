import { Failure, type FileIdentity } from "@shardmill/core";

/** An annotation file that cannot be used, with what was expected and what was found. */
export function invalidAnnotations(file: FileIdentity, detail: string, cause?: unknown): Failure {
  return new Failure("annotations_invalid", `${file.path}: ${detail}`, { where: { path: file.path }, cause });
}

/** Throws when columns that the catalogue names are not there. */
export function requireColumns(
  file: FileIdentity,
  expected: readonly string[],
  found: readonly string[],
): void {
  const lacking = expected.filter((name) => !found.includes(name));
  if (lacking.length === 0) return;
  throw invalidAnnotations(
    file,
    `expected columns ${expected.join(", ")}; found ${namesText(found)}; ${lacking.join(", ")} is lacking`,
  );
}

const shownNames = 40;

/** Names for a message: not more than a line holds. */
export function namesText(names: readonly string[]): string {
  const shown = names.slice(0, shownNames).map((name) => name.slice(0, 200));
  const more = names.length > shownNames ? ` and ${names.length - shownNames} more` : "";
  return `${shown.join(", ") || "none"}${more}`.slice(0, 1000);
}
