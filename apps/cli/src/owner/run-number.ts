/** A number of its own for every run, growing with time, so that an ended run's jobs do not stand in the way. */
export function nextRun(nowMs: number): number {
  return Math.floor(nowMs / 100);
}

/** When a run began, milliseconds since the epoch. */
export function runStartedMs(run: number): number {
  return run * 100;
}
