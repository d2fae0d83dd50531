import { parseExactJson } from "@shardmill/core";
import type { FolderStore } from "./store.ts";

/** What a record of a bucket held, and the tag of the object. */
export interface KeptRecord {
  readonly stamp: string;
  readonly text: string;
}

/**
 * Records of a bucket, kept on this machine: in one file by path and tag, so that whoever lists them asks only for those
 * that are other ones by now. Nothing is lost with the file, and whatever is wrong with it makes it an empty one.
 */
export class KeptRecords {
  readonly #folder: FolderStore;
  readonly #path: string;
  /** Writing it is to take a hundredth of the time at most: beside a build something new is found at every look. */
  #nextAtMs = 0;

  constructor(folder: FolderStore, path: string) {
    this.#folder = folder;
    this.#path = path;
  }

  get isDue(): boolean {
    return performance.now() >= this.#nextAtMs;
  }

  async read(): Promise<Map<string, KeptRecord>> {
    const bytes = await this.#folder.read(this.#path);
    const lines = bytes === null ? [] : Buffer.from(bytes).toString("utf8").split("\n");
    return new Map(lines.flatMap((line) => keptOf(line)));
  }

  async write(records: ReadonlyMap<string, KeptRecord>): Promise<void> {
    const began = performance.now();
    const lines = [...records].map(([path, { stamp, text }]) => `${JSON.stringify([path, stamp, text])}\n`);
    await this.#folder.put(this.#path, lines.join(""));
    const ended = performance.now();
    this.#nextAtMs = ended + 100 * (ended - began);
  }
}

function keptOf(line: string): [string, KeptRecord][] {
  try {
    const value: unknown = parseExactJson(line).value;
    if (!Array.isArray(value)) return [];
    const [path, stamp, text]: unknown[] = value;
    const isWhole = typeof path === "string" && typeof stamp === "string" && typeof text === "string";
    return isWhole ? [[path, { stamp, text }]] : [];
  } catch {
    return [];
  }
}
