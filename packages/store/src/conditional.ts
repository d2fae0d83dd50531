import type { FileStat } from "./file-stat.ts";

/** What a name is known by in a store of objects. */
export interface Placed {
  /** Another one where there are other bytes, and in most stores the same for the same bytes. */
  readonly tag: string;
  /** Whoever placed it, as he said; null: it says nothing. */
  readonly owner: string | null;
  readonly sha256: string | null;
}

/** What a store of objects has in the place of drafts: names that are taken, or taken over, on a condition. */
export interface Conditional {
  look(path: string): Promise<Placed | null>;
  /** Data, or a temporary file of this store, synced. `over`: the tag of what gives way; null: only where nothing has the name. */
  place(
    path: string,
    data: string | Uint8Array | { readonly path: string },
    how: { readonly owner: string; readonly over: string | null },
  ): Promise<"done" | "refused">;
  /** Whether or not they are there, in no order. */
  takeAway(...paths: readonly string[]): Promise<void>;
  /** What has a path that begins so, by name; `identity` is what `readUnless` knows it by. */
  beginning(start: string): Promise<FileStat[]>;
}
