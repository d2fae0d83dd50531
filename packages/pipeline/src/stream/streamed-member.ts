import type { LedgerLine, PlannedMember } from "@shardmill/core";
import type { StreamItem } from "./stream-item.ts";

/**
 * The members of a stream, as they are listed beside its plan: those that became work, with their records, and those
 * that were left out, by the archive itself or by name and annotation. The list says what a change of annotations changes.
 */
export function streamedMember(item: StreamItem): PlannedMember {
  return item.kind === "work" ? item.planned : leftOutMember(item.line, item.by, item.isFolder);
}

export function leftOutMember(
  { position, member, code }: LedgerLine,
  by: "archive" | "judge",
  isFolder: boolean,
): PlannedMember {
  const at = { leftOut: by, code, ...(isFolder ? { isFolder } : {}) };
  return { position, name: member, at, records: [] };
}

export function isLeftOut({ at }: PlannedMember): boolean {
  return at.leftOut !== undefined;
}

/** Left out whatever the annotations say. */
export function isOfArchive({ at }: PlannedMember): boolean {
  return at.leftOut === "archive";
}

export function isRunOfPictures({ at }: PlannedMember): boolean {
  return at.isFolder === true;
}
