import type { BuildRecord, FileIdentity, PartPlan } from "@shardmill/core";

/** True where the listing alone says that the plan was made from the files that are there now. */
export function isAsPlanned(
  part: Pick<BuildRecord["parts"][number], "archive" | "pieces">,
  plan: Pick<PartPlan, "archive" | "pieces">,
): boolean {
  return (
    part.archive === plan.archive &&
    part.pieces.length === plan.pieces.length &&
    part.pieces.every((piece, at) => {
      const planned = plan.pieces[at];
      return planned !== undefined && isSameFile(piece, planned);
    })
  );
}

function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  const told = (file: FileIdentity): string | null => file.sha256 ?? file.oid ?? file.stamp ?? null;
  return (
    a.path === b.path &&
    a.sizeBytes === b.sizeBytes &&
    a.sha256 === b.sha256 &&
    told(a) !== null &&
    told(a) === told(b)
  );
}
