import { Failure } from "@shardmill/core";
import { recordPaths, recordText, type Store, type TempFile } from "@shardmill/store";
import type { Overlap } from "./compare-sets.ts";
import type { RelatedPair } from "./compared-set.ts";
import type { NearPair } from "./nearest-pairs.ts";

/** Beside the outputs, as mixes are. */
export function overlapFolder(a: string, b: string): string {
  return `overlaps/${a}/${b}`;
}

const batchBytes = 1 << 20;

/** The list of pairs as it is found: a line of JSON each. */
export class PairsFile {
  readonly #temp: TempFile;
  readonly #path: string;
  #batch = "";
  pairs = 0;

  private constructor(temp: TempFile, path: string) {
    this.#temp = temp;
    this.#path = path;
  }

  static async open(store: Store, folder: string): Promise<PairsFile> {
    if ((await store.stat(recordPaths("overlaps").build)) !== null)
      throw new Failure(
        "wrong_use",
        "there is an output of the name overlaps, where overlaps are written: give it another name",
      );
    const path = `${folder}/pairs.jsonl`;
    return new PairsFile(await store.createTemp(path), path);
  }

  async add(pair: RelatedPair): Promise<void> {
    this.pairs += 1;
    this.#batch += `${JSON.stringify(pair)}\n`;
    if (this.#batch.length >= batchBytes) await this.#write();
  }

  async publish(): Promise<string> {
    await this.#write();
    await this.#temp.sync();
    await this.#temp.replace(this.#path);
    return this.#path;
  }

  /** May be called at any time. */
  remove(): Promise<void> {
    return this.#temp.remove();
  }

  async #write(): Promise<void> {
    const batch = this.#batch;
    this.#batch = "";
    await this.#temp.write(Buffer.from(batch));
  }
}

/** What `overlap.json` says, which comes last. */
export function overlapRecord(
  { a, b }: Overlap,
  told: {
    readonly pairs: number;
    readonly nearest: readonly NearPair[];
    readonly unfinished: readonly string[];
  },
): unknown {
  return { version: 1, a, b, ...told };
}

export async function writeOverlapRecord(store: Store, folder: string, record: unknown): Promise<string> {
  const path = `${folder}/overlap.json`;
  await store.put(path, recordText(record));
  return path;
}
