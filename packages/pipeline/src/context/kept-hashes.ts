import type { Records } from "@shardmill/store";
import { z } from "zod";

const keptSchema = z.object({
  version: z.literal(1),
  hashes: z.record(z.string(), z.object({ stamp: z.string(), hash: z.string() })),
});
type Hashes = z.output<typeof keptSchema>["hashes"];

/** Of each output in this process: what the record held when it was last read, and the write that is under way. */
const shelves = new Map<string, { at: string; hashes: Hashes; writing: Promise<void> }>();

/**
 * Hashes of files in a source folder, kept beside the data by path and stamp, so that a file which has not changed is
 * read for its hash once over all builds. Only a convenience: a hash that is lost is computed again.
 */
export class KeptHashes {
  readonly #records: Records;
  readonly #news: Hashes = {};

  private constructor(records: Records) {
    this.#records = records;
  }

  static async open(records: Records): Promise<KeptHashes> {
    await refresh(records);
    return new KeptHashes(records);
  }

  /** `key` names what was hashed. A null stamp is one that cannot be trusted: nothing is kept of it, and nothing found. */
  async of(key: string, stamp: string | null, compute: () => Promise<string>): Promise<string> {
    const known = this.#news[key] ?? shelfOf(this.#records).hashes[key];
    if (stamp !== null && known?.stamp === stamp) return known.hash;
    const hash = await compute();
    if (stamp !== null) this.#news[key] = { stamp, hash };
    return hash;
  }

  /** Writes what is new. Of two processes that write at once one may lose its hashes, which costs a reading. */
  async close(): Promise<void> {
    if (Object.keys(this.#news).length === 0 || this.#records.isLook) return;
    const shelf = shelfOf(this.#records);
    const write = async (): Promise<void> => {
      await refresh(this.#records);
      const hashes = { ...shelfOf(this.#records).hashes, ...this.#news };
      await this.#records.store.put(pathOf(this.#records), `${JSON.stringify({ version: 1, hashes })}\n`);
    };
    shelf.writing = shelf.writing.catch(() => undefined).then(write);
    await shelf.writing;
  }
}

function pathOf({ paths }: Records): string {
  return `${paths.records}/hashes.json`;
}

function shelfOf(records: Records): { at: string; hashes: Hashes; writing: Promise<void> } {
  const key = `${records.store.root} ${pathOf(records)}`;
  const shelf = shelves.get(key) ?? { at: "", hashes: {}, writing: Promise.resolve() };
  shelves.set(key, shelf);
  return shelf;
}

async function refresh(records: Records): Promise<void> {
  const shelf = shelfOf(records);
  const stat = await records.store.stat(pathOf(records));
  const at = stat === null ? "" : `${stat.identity} ${stat.modifiedMs} ${stat.sizeBytes}`;
  if (at === shelf.at) return;
  const bytes = await records.store.read(pathOf(records));
  shelf.hashes = bytes === null ? {} : parse(bytes);
  shelf.at = at;
}

/** A damaged one is as good as none. */
function parse(bytes: Uint8Array): Hashes {
  try {
    return keptSchema.parse(JSON.parse(Buffer.from(bytes).toString("utf8"))).hashes;
  } catch {
    return {};
  }
}
