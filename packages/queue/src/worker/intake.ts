import type { Worker } from "bullmq";

/** Why a worker takes no job now. rest: the last one that it took was of a build that it does not fit. */
type Hold = "asked" | "refused_by_server" | "rest";

/**
 * Whether a worker takes jobs. One that refused a job has given it back at once and rests, longer each time until it is
 * offered one that it fits: so it neither keeps work from those who fit, nor goes through the whole queue again and again.
 */
export class Intake {
  readonly #worker: Worker;
  readonly #rests: { readonly baseMs: number; readonly maxMs: number };
  readonly #onError: (error: Error) => void;
  readonly #holds = new Set<Hold>();
  #restMs: number;
  #timer: NodeJS.Timeout | null = null;
  #isEnded = false;

  constructor(
    worker: Worker,
    rests: { readonly baseMs: number; readonly maxMs: number },
    onError: (error: Error) => void,
  ) {
    this.#worker = worker;
    this.#rests = rests;
    this.#restMs = rests.baseMs;
    this.#onError = onError;
  }

  async hold(why: Hold): Promise<void> {
    if (this.#isEnded) return;
    this.#holds.add(why);
    await this.#worker.pause(true);
  }

  release(why: Hold): void {
    if (!this.#holds.delete(why) || this.#holds.size > 0 || this.#isEnded) return;
    this.#worker.resume().catch(this.#onError);
  }

  /** Takes nothing from now on; tells for how long. */
  rest(): number {
    if (this.#timer !== null || this.#isEnded) return this.#restMs;
    const forMs = this.#restMs;
    this.#restMs = Math.min(this.#rests.maxMs, forMs * 2);
    this.hold("rest").catch(this.#onError);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.release("rest");
    }, forMs);
    return forMs;
  }

  /** It has done a job, so the next one that it does not fit is not the same again. */
  fits(): void {
    this.#restMs = this.#rests.baseMs;
  }

  end(): void {
    this.#isEnded = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}
