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
  kind: "columns" | "fields of the first record" = "columns",
): void {
  const lacking = expected.filter((name) => !found.includes(name));
  if (lacking.length === 0) return;
  throw invalidAnnotations(
    file,
    `expected ${kind} ${expected.join(", ")}; found ${found.join(", ") || "none"}; ${lacking.join(", ")} is lacking`,
  );
}

/** The first lines of a database error: what and where, without its advice. */
export function firstLines(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n").slice(0, 3).join(" ").slice(0, 300);
}
