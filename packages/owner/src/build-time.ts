import { type LastRun, readLastRun } from "@shardmill/pipeline/last-run";
import type { BuildJobs } from "@shardmill/queue";
import { type Records, readBuildOwner } from "@shardmill/store";

/** How long a build has been at work, or was the last time. */
export interface BuildTime {
  /**
   * none: it was never at work here. running: jobs of it wait or run, or its owner is there. unknown: neither, and nobody
   * has recorded its end; it is counted to the last thing that it left.
   */
  readonly state: "none" | "running" | "ended" | "unknown";
  readonly beganAt: string | null;
  readonly seconds: number;
  readonly endedAt: string | null;
}

/** What tells when a build was at work. */
interface TimeSigns {
  readonly lastRun: LastRun | null;
  /** Its owner lives, as far as can be told from here. */
  readonly isOwned: boolean;
  /** The oldest run with jobs under way; null where there are none, or no queue to be asked. */
  readonly oldestRun: number | null;
  /** When the newest of its records was written. */
  readonly newestAt: string | null;
}

export async function readBuildTime(
  records: Records,
  seen: Pick<TimeSigns, "oldestRun" | "newestAt">,
  nowMs: number,
): Promise<BuildTime> {
  return buildTimeOf({ ...seen, ...(await readTimeSigns(records)) }, nowMs);
}

/** What lies beside the records of it. */
export async function readTimeSigns(records: Records): Promise<Pick<TimeSigns, "lastRun" | "isOwned">> {
  const lastRun = await readLastRun(records);
  const owner = lastRun?.endedAt === null ? await readBuildOwner(records) : null;
  return { lastRun, isOwned: owner?.state === "alive" };
}

export function buildTimeOf(signs: TimeSigns, nowMs: number): BuildTime {
  const { lastRun, isOwned, oldestRun, newestAt } = signs;
  const isOpen = lastRun?.endedAt === null;
  if (oldestRun !== null || (isOpen && isOwned)) {
    // Runs that have ended already belong to it; a record that is closed is of an earlier time.
    const beganMs = isOpen ? Date.parse(lastRun.beganAt) : runBeganMs(oldestRun ?? nowMs);
    return { state: "running", ...since(beganMs, nowMs), endedAt: null };
  }
  if (lastRun === null) return { state: "none", beganAt: null, seconds: 0, endedAt: null };
  const beganMs = Date.parse(lastRun.beganAt);
  const { endedAt } = lastRun;
  if (endedAt !== null) return { state: "ended", ...since(beganMs, Date.parse(endedAt)), endedAt };
  const seenMs = newestAt === null ? beganMs : Date.parse(newestAt);
  return { state: "unknown", ...since(beganMs, seenMs), endedAt: null };
}

function since(beganMs: number, untilMs: number): Pick<BuildTime, "beganAt" | "seconds"> {
  return { beganAt: new Date(beganMs).toISOString(), seconds: Math.max(0, (untilMs - beganMs) / 1000) };
}

/** The oldest run of which jobs wait or run. */
export function oldestRunOf({ waiting, active, delayed, parked }: BuildJobs): number | null {
  const runs = [...waiting, ...active, ...delayed, ...parked].map(({ run }) => run);
  return runs.length === 0 ? null : Math.min(...runs);
}

/** When a run was asked for, milliseconds since the epoch. */
export function runBeganMs(run: number): number {
  return run;
}
