import type { Dataset } from "./dataset.ts";

/** Of a part of this size the catalogue's figure holds still: parts of one source differ, a mirror of samples differs far more. */
const alike = 4;

/** Members that the catalogue expects of a part that nobody has looked into; null where it says nothing of one of this size. */
export function expectedMembers({ expected }: Pick<Dataset, "expected">, sizeBytes: number): number | null {
  const { membersPerPart = null, partBytes } = expected;
  if (partBytes === undefined) return membersPerPart;
  return sizeBytes * alike < partBytes || sizeBytes > partBytes * alike ? null : membersPerPart;
}
