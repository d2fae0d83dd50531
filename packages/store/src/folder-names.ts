import type { Store } from "./store.ts";

/** Within a tick of the file system's clock a folder may change twice and look the same: so young, it is listed again. */
const settledAfterMs = 100;

/** The files directly in a folder, by name, which are listed again only when the folder has changed since. */
export class FolderNames {
  readonly #store: Store;
  readonly #folder: string;
  #stamp: string | null = null;
  #paths: readonly string[] = [];

  constructor(store: Store, folder: string) {
    this.#store = store;
    this.#folder = folder;
  }

  /** Their paths; the same array for as long as the folder is the same. */
  async list(): Promise<readonly string[]> {
    const stat = await this.#store.stat(this.#folder);
    const stamp = stat === null ? null : `${stat.identity} ${stat.sizeBytes} ${stat.modifiedMs}`;
    if (stat !== null && stamp === this.#stamp) return this.#paths;
    const isSettled = stat !== null && Date.now() - stat.modifiedMs > settledAfterMs;
    this.#paths = await this.#store.list(this.#folder);
    this.#stamp = isSettled ? stamp : null;
    return this.#paths;
  }
}

/** Those of sorted texts that begin so: they lie side by side. */
export function beginningWith(sorted: readonly string[], prefix: string): readonly string[] {
  const first = firstFrom(sorted, (text) => text >= prefix);
  const end = firstFrom(sorted, (text) => text > prefix && !text.startsWith(prefix));
  return sorted.slice(first, end);
}

/** The first place from which on it holds. */
function firstFrom(sorted: readonly string[], holds: (text: string) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(sorted[middle] ?? "")) high = middle;
    else low = middle + 1;
  }
  return low;
}
