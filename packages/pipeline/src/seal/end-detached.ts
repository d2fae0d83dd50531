import { Failure } from "@shardmill/core";
import { acquireBuildLock, type BuildLock, readRecord } from "@shardmill/store";
import { z } from "zod";
import type { BuildContext } from "../context/build-context.ts";
import { readLastRun, writeLastRun } from "./last-run.ts";
import { recordRevisions } from "./record-revisions.ts";

/** What of a run tells that nobody owns it (owner: KeptRun). */
const detachedSchema = z.object({ isDetached: z.literal(true) });

/**
 * The end of a run that was left to workers elsewhere is recorded by the one that seals it: nobody else is there. Where somebody
 * owns the build by now, such as a service with its queue, that one does it.
 */
export async function endDetached(
  { records, build }: Pick<BuildContext, "records" | "build">,
  run: number,
  nowMs: number,
): Promise<void> {
  const path = `${records.paths.runs}/${run}.json`;
  const isDetached = async (): Promise<boolean> =>
    (await readRecord(records.store, path, detachedSchema).catch(unlessInvalid)) !== null;
  if (!(await isDetached())) return;
  const lock = await acquireBuildLock(records, { build: build.build }).catch(unlessHeld);
  if (lock === null) return;
  try {
    if (!(await isDetached())) return;
    await recordRevisions(records);
    const last = await readLastRun(records);
    const others = (await records.store.list(records.paths.runs)).filter((other) => other !== path);
    if (last !== null && others.length === 0)
      await writeLastRun(records, { beganMs: Date.parse(last.beganAt), endedMs: nowMs });
    await records.store.remove(path);
  } finally {
    await lock.release();
  }
}

/** Any other run is none of ours. */
function unlessInvalid(error: unknown): null {
  if (error instanceof Failure && error.code === "record_invalid") return null;
  throw error;
}

function unlessHeld(error: unknown): BuildLock | null {
  if (error instanceof Failure && error.code === "build_locked") return null;
  throw error;
}
