import { endsAttempt } from "@shardmill/queue";
import type { LogLine } from "./log-line.ts";

/** One try at one of a part's jobs: who had it, from when to when, and what it ended with. */
export interface Attempt {
  readonly step: string;
  readonly range: string | null;
  readonly worker: string | null;
  readonly attempt: number | null;
  /** Null where only its end is in the log still. */
  readonly beganAt: string | null;
  /** Null while it lasts, and for good where its worker was lost. */
  readonly endedAt: string | null;
  /** The kind of the line that ended it; null where none has. */
  readonly result: string | null;
  readonly code: string | null;
}

/** The tries that a part's log tells of, in the order of their beginnings. */
export function attemptsOf(lines: readonly LogLine[]): Attempt[] {
  const attempts: Attempt[] = [];
  const open = new Map<string, number>();
  for (const { at, kind, step, range, worker, attempt, code } of lines) {
    if (step === null) continue;
    const key = JSON.stringify([step, range, worker]);
    if (kind === "started") {
      open.set(key, attempts.length);
      attempts.push({ step, range, worker, attempt, beganAt: at, endedAt: null, result: null, code: null });
    } else if (endsAttempt(kind)) {
      const begun = open.get(key);
      open.delete(key);
      const before = begun === undefined ? undefined : attempts[begun];
      const ended = {
        step,
        range,
        worker,
        attempt,
        beganAt: null,
        ...before,
        endedAt: at,
        result: kind,
        code,
      };
      if (begun === undefined) attempts.push(ended);
      else attempts[begun] = ended;
    }
  }
  return attempts;
}
