/** The reason of an abort by signal. */
export class Stopped extends Error {
  override readonly name = "Stopped";
  readonly exitCode: number;
  constructor(signal: StopSignal) {
    super(`stopped by ${signal}`);
    this.exitCode = exitCodes[signal];
  }
}

type StopSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** 128 and the signal's number, as a shell has it. */
const exitCodes: Readonly<Record<StopSignal, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

export interface StopSignals {
  readonly signal: AbortSignal;
  /** Aborts on the second SIGINT: end at once. */
  readonly hard: AbortSignal;
  /** From here on the command goes on when its terminal is closed: what it does is worth more than what it prints. */
  outliveTerminal(): void;
  /** Whether it does. */
  readonly outlivesTerminal: boolean;
  release(): void;
}

/** First SIGINT, SIGTERM or SIGHUP: come to a resumable state. Second: at once. */
export function listenForStop(process: NodeJS.Process): StopSignals {
  const soft = new AbortController();
  const hard = new AbortController();
  let outlives = false;
  const on = (signal: StopSignal) => (): void => {
    if (signal === "SIGHUP" && outlives) return;
    if (soft.signal.aborted) hard.abort(new Stopped(signal));
    else soft.abort(new Stopped(signal));
  };
  const onInterrupt = on("SIGINT");
  const onTerminate = on("SIGTERM");
  const onHangUp = on("SIGHUP");
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onTerminate);
  process.on("SIGHUP", onHangUp);
  return {
    signal: soft.signal,
    hard: hard.signal,
    outliveTerminal() {
      outlives = true;
    },
    get outlivesTerminal() {
      return outlives;
    },
    release() {
      process.off("SIGINT", onInterrupt);
      process.off("SIGTERM", onTerminate);
      process.off("SIGHUP", onHangUp);
    },
  };
}
