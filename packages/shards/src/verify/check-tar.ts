import { createHash, type Hash } from "node:crypto";
import { type SampleLook, SampleWalk, type TarProblem } from "./sample-walk.ts";
import { tarEntries } from "./tar-entries.ts";

/** What a look at every byte of a tar tells. */
export interface TarCheck {
  readonly problems: readonly TarProblem[];
  readonly bytes: number;
  readonly sha256: string;
  readonly samples: number;
  /** Pictures that its samples show; members named .jpg where nothing looks into them. */
  readonly frames: number;
  readonly firstKey: string | null;
  readonly lastKey: string | null;
  readonly keys: ReadonlySet<string>;
  /** What the Energon index should hold. */
  readonly offsets: readonly number[];
}

/**
 * Reads a tar once from front to end: structure, names, order, contiguity, double keys, and its sha256 on the way.
 * With `look`, each sample's content is handed over, and what `look` finds is added.
 */
export async function checkTar(
  chunks: AsyncIterable<Uint8Array>,
  look: SampleLook | null,
): Promise<TarCheck> {
  const hash = createHash("sha256");
  const counted = { bytes: 0 };
  const walk = new SampleWalk(look);
  const all = hashed(chunks, hash, counted);
  try {
    for await (const piece of tarEntries(all)) await walk.piece(piece);
    await walk.close();
    // A broken structure ends the walk early, but the hash is that of all bytes.
    while ((await all.next()).done !== true);
  } finally {
    await all.return(undefined);
  }
  const { problems, samples, frames, firstKey, lastKey, keys, offsets } = walk;
  const sha256 = hash.digest("hex");
  return { problems, bytes: counted.bytes, sha256, samples, frames, firstKey, lastKey, keys, offsets };
}

async function* hashed(
  chunks: AsyncIterable<Uint8Array>,
  hash: Hash,
  counted: { bytes: number },
): AsyncGenerator<Uint8Array, undefined> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    counted.bytes += chunk.length;
    yield chunk;
  }
}
