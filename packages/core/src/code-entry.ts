export type CodeKind = "skipped" | "failed" | "part" | "note";

export interface CodeEntry {
  readonly kind: CodeKind;
  readonly retryable: boolean;
  readonly meaning: string;
  readonly remedy: string;
}

/** A row of the table. */
export const entry = (kind: CodeKind, retryable: boolean, meaning: string, remedy: string): CodeEntry => ({
  kind,
  retryable,
  meaning,
  remedy,
});
