/** The reason of an abort by signal. */
export class Stopped extends Error {
  override readonly name = "Stopped";
  readonly exitCode: number;
  constructor(signal: "SIGINT" | "SIGTERM") {
    super(`stopped by ${signal}`);
    this.exitCode = signal === "SIGINT" ? 130 : 143;
  }
}

export interface StopSignals {
  readonly signal: AbortSignal;
  /** Aborts on the second SIGINT: end at once. */
  readonly hard: AbortSignal;
  release(): void;
}

/** First SIGINT or SIGTERM: come to a resumable state. Second: at once. */
export function listenForStop(process: NodeJS.Process): StopSignals {
  const soft = new AbortController();
  const hard = new AbortController();
  const on = (signal: "SIGINT" | "SIGTERM") => (): void => {
    if (soft.signal.aborted) hard.abort(new Stopped(signal));
    else soft.abort(new Stopped(signal));
  };
  const onInterrupt = on("SIGINT");
  const onTerminate = on("SIGTERM");
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onTerminate);
  return {
    signal: soft.signal,
    hard: hard.signal,
    release() {
      process.off("SIGINT", onInterrupt);
      process.off("SIGTERM", onTerminate);
    },
  };
}
