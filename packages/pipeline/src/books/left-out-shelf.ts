import type { LedgerLine, Manifest, PartId } from "@shardmill/core";
import type { Records } from "@shardmill/store";
import { inOrderOfMaking } from "./part-lines.ts";

/** What one ledger says of its members: those left out and, of a supplement, those that are packed after all. */
interface LedgerNote {
  readonly stamp: string;
  readonly leftOut: readonly LedgerLine[];
  readonly packed: readonly number[];
}

const mostLinesByDefault = 200_000;

/**
 * The members of a part that are in no shard. Of each ledger only the lines that say so are parsed, and what was read
 * stays in memory until the file has another time, size or inode, the ledgers asked for last longest: a page, a list and
 * a retry then cost a few `stat` calls a part.
 */
export class LeftOutShelf {
  readonly #records: Records;
  readonly #mostLines: number;
  readonly #notes = new Map<string, LedgerNote>();
  #lines = 0;

  constructor(records: Records, options: { readonly mostLines?: number } = {}) {
    this.#records = records;
    this.#mostLines = options.mostLines ?? mostLinesByDefault;
  }

  /** In archive order; the latest record of a member counts. Without `manifests`, those in the folder are looked up. */
  async of(part: PartId, signal: AbortSignal, manifests?: readonly Manifest[]): Promise<LedgerLine[]> {
    const own = inOrderOfMaking(manifests ?? (await this.#records.listManifests(part)));
    signal.throwIfAborted();
    const ledgers = [
      { name: this.#records.paths.planLedgerName(part), isSupplement: false },
      ...own.filter(tellsOfLeftOut).map(({ shard, supplement }) => ({
        name: shard,
        isSupplement: supplement !== null,
      })),
    ];
    const stampOf = await this.#stamps(part);
    const notes = await Promise.all(
      ledgers.map(async (ledger) => this.#note(ledger, await stampOf(ledger.name), signal)),
    );
    const lines = new Map<number, LedgerLine>();
    for (const { leftOut, packed } of notes) {
      for (const position of packed) lines.delete(position);
      for (const line of leftOut) lines.set(line.position, line);
    }
    return [...lines.values()].sort((a, b) => a.position - b.position);
  }

  /** No room for more: whoever reads ahead can stop. */
  get isFull(): boolean {
    return this.#lines >= this.#mostLines;
  }

  /** What tells the ledgers of a part from earlier ones of their names: of a bucket one listing tells it of all. */
  async #stamps(part: PartId): Promise<(name: string) => string | Promise<string>> {
    const { store, paths } = this.#records;
    if (store.conditional === null)
      return async (name) => {
        const stat = await store.stat(paths.ledger(name));
        return stat === null ? "" : `${stat.identity} ${stat.sizeBytes} ${stat.modifiedMs}`;
      };
    const files = await store.conditional.beginning(`${paths.ledgers}/${paths.shardPrefix(part)}`);
    const listed = new Map(files.map(({ path, identity }) => [path, identity]));
    return (name) => listed.get(paths.ledger(name)) ?? "";
  }

  async #note(
    ledger: { readonly name: string; readonly isSupplement: boolean },
    stamp: string,
    signal: AbortSignal,
  ): Promise<LedgerNote> {
    const kept = this.#notes.get(ledger.name);
    this.#forget(ledger.name);
    const note = kept?.stamp === stamp ? kept : { stamp, ...(await this.#read(ledger, signal)) };
    // Another reader of the same ledger may have been as quick.
    this.#forget(ledger.name);
    this.#keep(ledger.name, note);
    return note;
  }

  async #read(
    { name, isSupplement }: { readonly name: string; readonly isSupplement: boolean },
    signal: AbortSignal,
  ): Promise<Omit<LedgerNote, "stamp">> {
    if (!isSupplement) {
      const lines = await this.#records.readLeftOut(name);
      return { leftOut: lines.filter(({ outcome }) => outcome !== "packed"), packed: [] };
    }
    const leftOut: LedgerLine[] = [];
    const packed: number[] = [];
    for await (const line of this.#records.readLedger(name, signal)) {
      if (line.outcome === "packed") packed.push(line.position);
      else leftOut.push(line);
    }
    return { leftOut, packed };
  }

  #keep(name: string, note: LedgerNote): void {
    this.#notes.set(name, note);
    this.#lines += sizeOf(note);
    for (const oldest of this.#notes.keys()) {
      if (this.#lines <= this.#mostLines || oldest === name) return;
      this.#forget(oldest);
    }
  }

  #forget(name: string): void {
    const note = this.#notes.get(name);
    if (note === undefined) return;
    this.#notes.delete(name);
    this.#lines -= sizeOf(note);
  }
}

/** By what it counts itself: most shards of a large output have nothing to tell. */
function tellsOfLeftOut({ supplement, counts }: Manifest): boolean {
  return supplement !== null || counts.failed + counts.skipped > 0;
}

function sizeOf({ leftOut, packed }: LedgerNote): number {
  return leftOut.length + packed.length;
}
