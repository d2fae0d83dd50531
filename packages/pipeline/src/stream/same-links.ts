import type { PlannedMember } from "@shardmill/core";
import type { FetchedLink } from "./fetch-link.ts";

/** Of what is kept for rows that come later; what does not fit is asked for once more. */
const keptLimitBytes = 64 * 1024 * 1024;

interface Answer {
  readonly link: Promise<FetchedLink>;
  bytes: number;
}

/** Rows of a shard with one address: it is asked once, and what comes is kept until the last of them has it. */
export class SameLinks {
  /** How many rows have not been answered yet, of addresses that several have. */
  readonly #left = new Map<string, number>();
  readonly #answers = new Map<string, Answer>();
  #kept = 0;

  constructor(members: readonly PlannedMember[]) {
    const once = new Set<string>();
    for (const { at } of members) {
      const { url } = at;
      if (typeof url !== "string") continue;
      if (once.has(url)) this.#left.set(url, (this.#left.get(url) ?? 1) + 1);
      once.add(url);
    }
  }

  /** What came of the row's address, for which `ask` is called unless another row has asked. */
  async answer({ at }: PlannedMember, ask: () => Promise<FetchedLink>): Promise<FetchedLink> {
    const { url } = at;
    if (typeof url !== "string" || !this.#left.has(url)) return ask();
    const known = this.#answers.get(url) ?? { link: ask(), bytes: 0 };
    this.#answers.set(url, known);
    try {
      const link = await known.link;
      this.#keep(url, known, link);
      return link;
    } catch (error) {
      // Whoever comes later is not told of what went wrong with this one.
      this.#drop(url);
      throw error;
    } finally {
      const left = (this.#left.get(url) ?? 1) - 1;
      this.#left.set(url, left);
      if (left === 0) this.#drop(url);
    }
  }

  #keep(url: string, answer: Answer, link: FetchedLink): void {
    if (this.#answers.get(url) !== answer || answer.bytes > 0 || link.kind !== "bytes") return;
    answer.bytes = link.bytes.length;
    this.#kept += answer.bytes;
    if (this.#kept > keptLimitBytes) this.#drop(url);
  }

  #drop(url: string): void {
    this.#kept -= this.#answers.get(url)?.bytes ?? 0;
    this.#answers.delete(url);
  }
}
