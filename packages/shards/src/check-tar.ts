import { createHash, type Hash } from "node:crypto";
import { memberNamePattern, memberNameProblem } from "./member-name.ts";
import { isFrame, type Sample } from "./sample.ts";
import { type TarPiece, tarEntries } from "./tar-entries.ts";
import { recordBytes } from "./ustar-header.ts";

export type TarProblemCode =
  | "tar_structure"
  | "tar_names"
  | "tar_order"
  | "duplicate_key"
  | "metadata"
  | "frames";

export interface TarProblem {
  readonly code: TarProblemCode;
  readonly detail: string;
}

/** What a look at every byte of a tar tells. */
export interface TarCheck {
  readonly problems: readonly TarProblem[];
  readonly bytes: number;
  readonly sha256: string;
  readonly samples: number;
  /** Members named .jpg. */
  readonly frames: number;
  readonly firstKey: string | null;
  readonly lastKey: string | null;
}

/** Looks at one sample's content as it is met, and says what is wrong with it. */
export type SampleLook = (sample: Sample) => Promise<TarProblem[]>;

const problemsAtMost = 100;

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
  const { problems, samples, frames, firstKey, lastKey } = walk;
  return { problems, bytes: counted.bytes, sha256: hash.digest("hex"), samples, frames, firstKey, lastKey };
}

async function* hashed(
  chunks: AsyncIterable<Uint8Array>,
  hash: Hash,
  counted: { bytes: number },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    counted.bytes += chunk.length;
    yield chunk;
  }
}

/** Keys end in numbers without a fixed width: position 1000000 comes after 999999. */
const inOrder = new Intl.Collator("en", { numeric: true });

class SampleWalk {
  readonly problems: TarProblem[] = [];
  readonly #look: SampleLook | null;
  readonly #keys = new Set<string>();
  samples = 0;
  frames = 0;
  firstKey: string | null = null;
  lastKey: string | null = null;
  #suffixes: { suffix: string; parts: Uint8Array[] }[] = [];
  #lastName = "";

  constructor(look: SampleLook | null) {
    this.#look = look;
  }

  add(code: TarProblemCode, detail: string): void {
    if (this.problems.length < problemsAtMost) this.problems.push({ code, detail });
  }

  async piece(piece: TarPiece): Promise<void> {
    if (piece.kind === "entry") await this.#entry(piece.name);
    else if (piece.kind === "data") {
      if (this.#look !== null) this.#suffixes.at(-1)?.parts.push(piece.bytes);
    } else if (piece.kind === "problem") this.add("tar_structure", piece.detail);
    else if (piece.sizeBytes % recordBytes !== 0) {
      this.add("tar_structure", `the archive is not padded to ${recordBytes} bytes: ${piece.sizeBytes}`);
    }
  }

  async #entry(name: string): Promise<void> {
    const match = memberNamePattern.exec(name);
    const [, key = name, suffix = ""] = match ?? [];
    const problem = memberNameProblem(key, suffix);
    if (problem !== null) this.add("tar_names", problem);
    if (key !== this.lastKey) await this.#begin(key);
    else if (name <= this.#lastName) this.add("tar_order", `${name} comes after ${this.#lastName}`);
    this.#lastName = name;
    this.#suffixes.push({ suffix, parts: [] });
    if (isFrame(suffix)) this.frames += 1;
  }

  async close(): Promise<void> {
    if (this.lastKey === null || this.#look === null) return;
    const members = this.#suffixes.map(({ suffix, parts }) => ({ suffix, bytes: Buffer.concat(parts) }));
    for (const { code, detail } of await this.#look({ key: this.lastKey, members })) this.add(code, detail);
  }

  async #begin(key: string): Promise<void> {
    await this.close();
    if (this.#keys.has(key))
      this.add("duplicate_key", `${key} comes twice, or its members do not lie together`);
    else if (this.lastKey !== null && inOrder.compare(key, this.lastKey) < 0)
      this.add("tar_order", `${key} comes after ${this.lastKey}`);
    this.#keys.add(key);
    this.samples += 1;
    this.firstKey ??= key;
    this.lastKey = key;
    this.#suffixes = [];
  }
}
