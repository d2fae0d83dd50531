import { type Manifest, type PartId, partLabel } from "@shardmill/core";
import type { LeftOutMember } from "@shardmill/pipeline";
import type { Records } from "@shardmill/store";
import { readLeftOut } from "./read-left-out.ts";

const keptParts = 400;

/** The members left out of a part, read from its ledgers once for each set of its shards; the parts asked for last stay. */
export class LeftOutShelf {
  readonly #kept = new Map<string, Promise<readonly LeftOutMember[]>>();

  /** `counted` is how many the manifests say there are: a part that was planned again is read again. */
  of(
    records: Records,
    part: PartId,
    manifests: readonly Manifest[],
    counted: number,
  ): Promise<readonly LeftOutMember[]> {
    const made = manifests.map(({ shard, made: { committedAt } }) => `${shard} ${committedAt}`).sort();
    const key = `${records.dataset}/${partLabel(part)}/${counted}/${made.join()}`;
    const found = this.#kept.get(key);
    if (found !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, found);
      return found;
    }
    const reading = readLeftOut(records, part, manifests);
    this.#kept.set(key, reading);
    reading.catch(() => this.#kept.delete(key));
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > keptParts && oldest !== undefined) this.#kept.delete(oldest);
    return reading;
  }
}
