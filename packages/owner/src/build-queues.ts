import type { MillQueue } from "@shardmill/queue";
import type { QueueAddress, Records } from "@shardmill/store";
import { connectTo, hasEndedWithOwner, isOutOfReach } from "./join-queue.ts";
import type { OwnQueue } from "./open-own-queue.ts";

interface BuildQueuesOptions {
  readonly own: Pick<OwnQueue, "queue" | "url">;
  /** Told of a queue that was joined; what it gives is called when that is left. */
  readonly onJoined: (queue: MillQueue) => () => void;
}

interface Joined {
  readonly url: string;
  readonly queue: MillQueue;
  readonly leave: () => void;
  seenAt: number;
}

/** Where nobody answered, and what was met there. */
interface Silent {
  readonly url: string;
  readonly error: unknown;
  readonly at: number;
}

/** An answer is good for this long; an address where nobody answered is tried again after this long. */
const trustMs = 1_000;
const retryMs = 5_000;

/**
 * For a service: the queue of each dataset's build. It is the service's own, unless somebody else owns the build and has
 * left the address of another one beside the records; that one is joined, and left when its owner has gone. Where it
 * does not answer, no other queue stands in for it: what a person tells a build must not be lost in a queue that nobody works on.
 */
export class BuildQueues {
  readonly own: MillQueue;
  readonly #options: BuildQueuesOptions;
  readonly #joined = new Map<string, Joined>();
  readonly #silent = new Map<string, Silent>();
  readonly #looking = new Map<string, Promise<MillQueue>>();

  constructor(options: BuildQueuesOptions) {
    this.#options = options;
    this.own = options.own.queue;
  }

  /** Looked up once for all who ask at the same time. Fails with `queue_unreachable` or `queue_unfit` where it does not answer. */
  of(records: Records): Promise<MillQueue> {
    const looking = this.#looking.get(records.dataset);
    if (looking !== undefined) return looking;
    const look = this.#look(records).finally(() => this.#looking.delete(records.dataset));
    this.#looking.set(records.dataset, look);
    return look;
  }

  /** Null where it does not answer: who takes the build over from there makes all that is missing. */
  async ofReachable(records: Records): Promise<MillQueue | null> {
    try {
      return await this.of(records);
    } catch (error) {
      if (isOutOfReach(error)) return null;
      throw error;
    }
  }

  /** The service's own, and those that are joined now. */
  all(): MillQueue[] {
    return [this.own, ...[...this.#joined.values()].map(({ queue }) => queue)];
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#looking.values());
    for (const dataset of [...this.#joined.keys()]) await this.#leave(dataset);
  }

  async #look(records: Records): Promise<MillQueue> {
    const { dataset } = records;
    const address = await records.readQueueAddress();
    if (
      address === null ||
      address.url === this.#options.own.url ||
      (await hasEndedWithOwner(records, address))
    ) {
      await this.#leave(dataset);
      return this.own;
    }
    const joined = this.#joined.get(dataset);
    if (joined !== undefined && (joined.url !== address.url || !(await answers(joined))))
      await this.#leave(dataset);
    try {
      return this.#joined.get(dataset)?.queue ?? (await this.#join(dataset, address));
    } catch (error) {
      // An owner that has ended meanwhile has taken its address away.
      if ((await records.readQueueAddress())?.url === address.url) throw error;
      return this.#look(records);
    }
  }

  async #join(dataset: string, address: QueueAddress): Promise<MillQueue> {
    const silent = this.#silent.get(dataset);
    if (silent?.url === address.url && performance.now() - silent.at < retryMs) throw silent.error;
    const queue = await connectTo(address).catch((error: unknown) => {
      this.#silent.set(dataset, { url: address.url, error, at: performance.now() });
      throw error;
    });
    this.#silent.delete(dataset);
    const leave = this.#options.onJoined(queue);
    this.#joined.set(dataset, { url: address.url, queue, leave, seenAt: performance.now() });
    return queue;
  }

  async #leave(dataset: string): Promise<void> {
    const joined = this.#joined.get(dataset);
    if (joined === undefined) return;
    this.#joined.delete(dataset);
    joined.leave();
    await joined.queue.close();
  }
}

async function answers(joined: Joined): Promise<boolean> {
  if (performance.now() - joined.seenAt < trustMs) return true;
  try {
    await joined.queue.ping();
    joined.seenAt = performance.now();
    return true;
  } catch {
    return false;
  }
}
