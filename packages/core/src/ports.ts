/** Small ports that packages/queue implements across machines and tests implement in memory. */

/** One pace for all workers of a build: a 429 seen by one slows every one. */
export interface RateGate {
  /** Resolves when requests to this host may be sent. */
  pass(host: string, signal: AbortSignal): Promise<void>;
  /** Nobody passes for this long. */
  pause(host: string, forMs: number): Promise<void>;
}

/** Tells processes that share a folder apart, for marks that they leave in it. */
export interface Processes {
  /** This process, in one line. */
  readonly own: string;
  /** Of the process that left this line; `unknown` where it cannot be seen from here. */
  stateOf(line: string): "alive" | "dead" | "unknown";
}

/** What a person has asked of a running build. */
export type Control = "run" | "pause" | "cancel";

export interface Clock {
  /** Milliseconds since the epoch. Only for records and display: no byte of a shard depends on it. */
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, rejectSleep) => {
      signal.throwIfAborted();
      const stop = (): void => {
        clearTimeout(timer);
        rejectSleep(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener("abort", stop);
        resolve();
      }, ms);
      signal.addEventListener("abort", stop, { once: true });
    }),
};

/** A gate that never closes longer than this process asked for; for one process and for tests. */
export function localRateGate(clock: Clock): RateGate {
  const openAt = new Map<string, number>();
  return {
    async pass(host, signal) {
      for (
        let wait = (openAt.get(host) ?? 0) - clock.now();
        wait > 0;
        wait = (openAt.get(host) ?? 0) - clock.now()
      ) {
        await clock.sleep(wait, signal);
      }
    },
    async pause(host, forMs) {
      openAt.set(host, Math.max(openAt.get(host) ?? 0, clock.now() + forMs));
    },
  };
}
