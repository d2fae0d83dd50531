import { type Release, Semaphore } from "@shardmill/core";

/**
 * How many links are under way at once, of one host and of all. First a place at the host, then one among all: so a full
 * host holds up no other.
 */
export class HostSlots {
  readonly #perHost: number;
  readonly #all: Semaphore;
  readonly #hosts = new Map<string, Semaphore>();

  constructor(limits: { readonly perHost: number; readonly atOnce: number }) {
    this.#perHost = limits.perHost;
    this.#all = new Semaphore(limits.atOnce);
  }

  /** Resolves to the function that leaves; calling it twice leaves once. */
  async enter(host: string, signal: AbortSignal): Promise<Release> {
    const ofHost = this.#hosts.get(host) ?? new Semaphore(this.#perHost);
    this.#hosts.set(host, ofHost);
    const releaseHost = await ofHost.acquire(1, signal);
    const leaveHost = (): void => {
      releaseHost();
      // A list of links may have as many hosts as rows.
      if (ofHost.isIdle && this.#hosts.get(host) === ofHost) this.#hosts.delete(host);
    };
    try {
      const releaseAll = await this.#all.acquire(1, signal);
      return () => {
        releaseAll();
        leaveHost();
      };
    } catch (error) {
      leaveHost();
      throw error;
    }
  }
}
