import { type PartId, partLabel } from "@shardmill/core";
import { type LeftOutMember, listFailures } from "@shardmill/pipeline";
import type { Records } from "@shardmill/store";

const keptParts = 64;

/** The members left out of a part, read from its ledgers once per state of its records; the parts read last stay. */
export class LeftOutShelf {
  readonly #kept = new Map<string, Promise<readonly LeftOutMember[]>>();

  of(
    records: Records,
    part: PartId,
    version: number,
    signal: AbortSignal,
  ): Promise<readonly LeftOutMember[]> {
    const key = `${records.dataset}/${partLabel(part)}/${version}`;
    const found = this.#kept.get(key);
    if (found !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, found);
      return found;
    }
    const reading = collect(listFailures(records, [part], signal));
    this.#kept.set(key, reading);
    reading.catch(() => this.#kept.delete(key));
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > keptParts && oldest !== undefined) this.#kept.delete(oldest);
    return reading;
  }
}

async function collect(members: AsyncIterable<LeftOutMember>): Promise<LeftOutMember[]> {
  const all: LeftOutMember[] = [];
  for await (const member of members) all.push(member);
  return all;
}
