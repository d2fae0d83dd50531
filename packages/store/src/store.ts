import type { ByteRange } from "@shardmill/core";
import type { Conditional } from "./conditional.ts";
import type { Drafts } from "./drafts.ts";
import type { FileStat } from "./file-stat.ts";

/** What a file held. */
export interface FileRead {
  readonly bytes: Uint8Array;
  /** What tells it from another file of its name; null of one so young that it may be replaced and look the same. */
  readonly stamp: string | null;
}

/**
 * Where output and records live. Paths are relative to the root, with `/`, and cannot leave it.
 * Every error of the storage is a Failure (output_full, output_unwritable, output_io) that names the path.
 */
export interface Store {
  /** For messages to the user and for tools that need a real path; never written into a record. */
  readonly root: string;
  /** Out of which shards are committed. Null where there is nothing like links: no shard is committed there. */
  readonly drafts: Drafts | null;
  /** Likewise in a bucket; null in a folder. */
  readonly conditional: Conditional | null;
  /** For what is of this machine alone, such as where its queue is, or an index that is read from a disk: the store itself where it is a folder. */
  readonly machine: FolderStore;
  /** Likewise for what other commands of the same user have to find here, wherever their scratch folder is. */
  readonly desk: FolderStore;
  /** Whole or not at all, and on the disk when it returns; replaces what was there. */
  put(path: string, data: string | Uint8Array, options?: { readonly mode?: number }): Promise<void>;
  /** As put, but leaves an existing file alone. */
  putNew(path: string, data: string | Uint8Array): Promise<"published" | "exists">;
  /** A temporary file in the folder of `path`, to be published there. */
  createTemp(path: string, options?: { readonly mode?: number }): Promise<TempFile>;
  /** Null when there is no such file. */
  read(path: string): Promise<Uint8Array | null>;
  /** Likewise, unless it is the one with this stamp still. */
  readUnless(path: string, stamp: string | null): Promise<FileRead | "same" | null>;
  /** Exactly the bytes of the range, or a Failure. */
  readRange(path: string, start: number, end: number): Promise<Uint8Array>;
  /** The bytes in order, in chunks; the whole file without a range. */
  chunks(path: string, signal: AbortSignal, range?: ByteRange): AsyncIterable<Uint8Array>;
  /** For many small reads of one file; null when there is no such file. */
  openFile(path: string): Promise<ReadableFile | null>;
  /** Paths of the files directly in a folder, by name, without temporaries; none when there is no such folder. */
  list(folder: string): Promise<string[]>;
  /** Names of the folders directly in a folder. */
  listFolders(folder: string): Promise<string[]>;
  /** Paths of the temporary files directly in a folder (temporary-name.ts). */
  listTemporaries(folder: string): Promise<string[]>;
  /** Every file and folder below a folder, temporaries too, by name. */
  listAll(folder: string): Promise<FileStat[]>;
  stat(path: string): Promise<FileStat | null>;
  /** Whether there was something to remove. A folder goes with all it holds. */
  remove(path: string): Promise<boolean>;
  /** A folder that holds something stays, and so does the root. */
  removeEmpty(folder: string): Promise<void>;
  freeBytes(): Promise<number>;
}

/** A store in a folder of this machine. */
export interface FolderStore extends Store {
  /** The real path of a path in it, for what other programs read and write. */
  absolute(path: string): string;
}

/** A file of a store, or one by its path in the file system or its address. */
export type FilePlace = string | { readonly store: Store; readonly path: string };

/** A file that stays open between reads. */
export interface ReadableFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** The bytes of the range, fewer when the file ends before it. */
  read(start: number, end: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/**
 * A file that is being made under a name of its own (temporary-name.ts). Written once from front to end.
 * `link` and `replace` publish it, `remove` drops the temporary name; a crash leaves a name that the sweeper knows.
 */
export interface TempFile {
  readonly path: string;
  readonly sizeBytes: number;
  write(chunk: Uint8Array): Promise<void>;
  /** On the disk; nothing can be written after it. */
  sync(): Promise<void>;
  chunks(signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Publishes under a name that nobody has yet, atomically; the temporary name stays until `remove`. */
  link(final: string): Promise<"published" | "exists">;
  /** Publishes, replacing whatever has the name. */
  replace(final: string): Promise<void>;
  /** May be called at any time and any number of times. */
  remove(): Promise<void>;
}
