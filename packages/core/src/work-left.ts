import type { WorkLeft } from "./pace.ts";
import type { PartState } from "./states.ts";

/** Of a part, as its books say. */
interface PartFigures {
  readonly state: PartState;
  /** Null until it is planned. */
  readonly members: number | null;
  readonly packed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Members that the parts at work still have before them; a part without a plan counts as much as the others on average.
 * `inShards`: members with a fate in shards that are being made.
 */
export function workLeft(
  parts: readonly PartFigures[],
  { usual, inShards }: { readonly usual: number | null; readonly inShards: number },
): WorkLeft {
  const known = parts.flatMap(({ members }) => (members === null || members === 0 ? [] : [members]));
  const likely =
    known.length > 0 ? known.reduce((sum, members) => sum + members, 0) / known.length : (usual ?? 0);
  let members = 0;
  let estimated = 0;
  for (const part of parts) {
    if (part.state !== "running" && part.state !== "queued") continue;
    const left = Math.max(0, (part.members ?? likely) - part.packed - part.failed - part.skipped);
    members += left;
    if (part.members === null) estimated += left;
  }
  return { members: Math.max(0, members - inShards), estimated };
}
