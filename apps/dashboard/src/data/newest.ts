/** Where a `Newest` gets its time from; tests give their own. */
export interface Timers {
  readonly now: () => number;
  /** Calls back once, after that many milliseconds; gives what takes it back. */
  readonly after: (ms: number, call: () => void) => () => void;
}

interface Question<T> {
  readonly ask: (signal: AbortSignal) => Promise<T>;
  readonly heard: (answer: T) => void;
  readonly refused: (error: unknown) => void;
  /** From the beginning of one question to that of the next, at least. */
  readonly restMs: number;
  /** A question without an answer is given up after this. */
  readonly limitMs: number;
}

const pageTimers: Timers = {
  now: () => performance.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * One question that is asked again and again. One is under way at most, and one more is to come, however often it is
 * wanted meanwhile: a newer wish never takes away an answer that is on its way, so that slow lines get theirs, too.
 */
export class Newest<T> {
  readonly #question: Question<T>;
  readonly #timers: Timers;
  readonly #stopping = new AbortController();
  #beganAt: number | null = null;
  #isUnderWay = false;
  #isWanted = false;
  #takeBack: (() => void) | null = null;

  constructor(question: Question<T>, timers: Timers = pageTimers) {
    this.#question = question;
    this.#timers = timers;
  }

  /** An answer that is begun from now on is wanted. */
  want(): void {
    this.#isWanted = true;
    this.#next();
  }

  /** Nothing is handed on any more. */
  stop(): void {
    this.#stopping.abort();
    this.#takeBack?.();
  }

  #next(): void {
    if (!this.#isWanted || this.#isUnderWay || this.#takeBack !== null || this.#stopping.signal.aborted)
      return;
    const { restMs } = this.#question;
    const wait = this.#beganAt === null ? 0 : this.#beganAt + restMs - this.#timers.now();
    if (wait <= 0) {
      void this.#askOnce();
      return;
    }
    this.#takeBack = this.#timers.after(wait, () => {
      this.#takeBack = null;
      void this.#askOnce();
    });
  }

  async #askOnce(): Promise<void> {
    const { ask, heard, refused, limitMs } = this.#question;
    const stopping = this.#stopping.signal;
    const limit = new AbortController();
    const endLimit = this.#timers.after(limitMs, () => limit.abort());
    this.#isWanted = false;
    this.#isUnderWay = true;
    this.#beganAt = this.#timers.now();
    try {
      const answer = await ask(AbortSignal.any([stopping, limit.signal]));
      if (!stopping.aborted) heard(answer);
    } catch (error) {
      if (!stopping.aborted) refused(error);
    } finally {
      endLimit();
      this.#isUnderWay = false;
      this.#next();
    }
  }
}
