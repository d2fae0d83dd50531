import { appendFile, readFile } from "node:fs/promises";
import { Failure, isCode, type PlannedMember, type Rejection } from "@shardmill/core";
import type { FolderStore } from "@shardmill/store";
import { z } from "zod";
import type { BuildContext } from "../context/build-context.ts";
import { digestOf } from "../plan/range-digest.ts";

const headSchema = z.object({ members: z.string() });
const lineSchema = z.object({
  position: z.int(),
  code: z.string().refine(isCode),
  detail: z.string(),
});

/**
 * What was found of a shard's dead links, kept beside the records until the shard is committed: whoever makes it anew after a crash
 * asks none of them again. A note of this machine's, which may be lost: then links are asked twice, and nothing else.
 */
export class LinkMemory {
  readonly #store: FolderStore;
  readonly #path: string;
  readonly #head: string;
  readonly #known: ReadonlyMap<number, Rejection>;
  /** Lines go one after the other, so that none is cut by the next. */
  #writing: Promise<boolean>;

  private constructor(
    { store, path }: { readonly store: FolderStore; readonly path: string },
    head: string,
    known: ReadonlyMap<number, Rejection>,
    isBegun: boolean,
  ) {
    this.#store = store;
    this.#path = path;
    this.#head = head;
    this.#known = known;
    this.#writing = isBegun ? Promise.resolve(true) : this.#begin();
  }

  /** Of a shard that is made of these members; what stands there of others says nothing. */
  static async open(
    { store: { machine }, records }: BuildContext,
    shard: string,
    members: readonly PlannedMember[],
  ): Promise<LinkMemory> {
    const path = records.paths.links(shard);
    const head = digestOf(members);
    const text = await readFile(machine.absolute(path), "utf8").catch(ifSystem(""));
    const [first = "", ...lines] = text.split("\n");
    const isOwn = headSchema.safeParse(parsed(first)).data?.members === head;
    const known = new Map<number, Rejection>();
    // The last line may have been cut.
    for (const line of isOwn ? lines : []) {
      const read = lineSchema.safeParse(parsed(line));
      if (read.success && isCode(read.data.code))
        known.set(read.data.position, { code: read.data.code, detail: read.data.detail });
    }
    return new LinkMemory({ store: machine, path }, head, known, isOwn && text.endsWith("\n"));
  }

  known(position: number): Rejection | null {
    return this.#known.get(position) ?? null;
  }

  async remember(position: number, { code, detail }: Rejection): Promise<void> {
    const line = `${JSON.stringify({ position, code, detail })}\n`;
    this.#writing = this.#writing.then((isBegun) => isBegun && added(this.#store.absolute(this.#path), line));
    await this.#writing;
  }

  async #begin(): Promise<boolean> {
    const known = [...this.#known].map(([position, why]) => JSON.stringify({ position, ...why }));
    const lines = [JSON.stringify({ members: this.#head }), ...known];
    return this.#store.put(this.#path, `${lines.join("\n")}\n`).then(() => true, ifFailure(false));
  }
}

function added(path: string, text: string): Promise<boolean> {
  return appendFile(path, text).then(() => true, ifSystem(false));
}

/** A disk that is full or gone is told by whoever writes the shard itself. */
function ifSystem<T>(otherwise: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Error && "code" in error) return otherwise;
    throw error;
  };
}

/** Likewise. */
function ifFailure<T>(otherwise: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Failure) return otherwise;
    throw error;
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
