import type { LedgerLine, PlannedMember } from "@shardmill/core";

/** A member of a stream that never became work, as it is listed beside its plan: what left it out, and why. */
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
