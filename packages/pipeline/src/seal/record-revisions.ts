import { partLabel } from "@shardmill/core";
import type { Records } from "@shardmill/store";
import { type BuildStatus, noQueue, readStatus } from "../books/read-status.ts";

/** Which commit each part's plan was made from is known when the plans are there; null where there is no build. */
export async function recordRevisions(records: Records): Promise<BuildStatus | null> {
  const before = await records.readBuild();
  if (before === null) return null;
  const status = await readStatus(records, before, noQueue);
  const revisions = new Map(status.parts.map(({ label, revision }) => [label, revision]));
  // Others may have written it meanwhile.
  const build = (await records.readBuild()) ?? before;
  await records.writeBuild({
    ...build,
    parts: build.parts.map((part) => ({ ...part, revision: revisions.get(partLabel(part)) ?? null })),
  });
  return status;
}
