import { dirname, posix } from "node:path";
import { Failure } from "@shardmill/core";
import type { FileSystem, OpenFile } from "./file-system.ts";
import { awayFailure, linkFailure, outputFailure, systemCode } from "./output-failure.ts";
import { closing, readChunks } from "./read-chunks.ts";
import type { TempFile } from "./store.ts";
import { makeSyncedFolder, syncFolder } from "./synced-folder.ts";
import { temporaryName } from "./temporary-name.ts";

/** Where a store's files lie. */
export interface LocalPlace {
  readonly fs: FileSystem;
  readonly root: string;
  absolute(path: string): string;
  /** Whether what is to be made for this path lay there before, and is gone with all around it. */
  isAway(path: string): Promise<boolean>;
  /** A file could be made for this path. */
  met(path: string): void;
}

export class LocalTempFile implements TempFile {
  readonly path: string;
  /** The path it is made for; messages name this one. */
  readonly #wanted: string;
  readonly #place: LocalPlace;
  #file: OpenFile | null;
  #sizeBytes = 0;

  private constructor(place: LocalPlace, wanted: string, path: string, file: OpenFile) {
    this.#place = place;
    this.#wanted = wanted;
    this.path = path;
    this.#file = file;
  }

  static async create(place: LocalPlace, path: string, mode: number): Promise<LocalTempFile> {
    const name = temporaryName(posix.basename(path));
    const folder = posix.dirname(path);
    const temp = folder === "." ? name : `${folder}/${name}`;
    const absolute = place.absolute(temp);
    try {
      const file = await openInNewFolder(place, { path, absolute, mode });
      place.met(path);
      return new LocalTempFile(place, path, temp, file);
    } catch (error) {
      throw outputFailure(error, "creating", path);
    }
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#file === null) throw new Error(`${this.#wanted} is closed for writing`);
    try {
      await this.#file.write(chunk);
    } catch (error) {
      throw outputFailure(error, "writing", this.#wanted);
    }
    this.#sizeBytes += chunk.length;
  }

  async sync(): Promise<void> {
    const file = this.#file;
    if (file === null) return;
    try {
      await file.sync();
      this.#file = null;
      await file.close();
    } catch (error) {
      throw outputFailure(error, "writing", this.#wanted);
    }
  }

  async *chunks(signal: AbortSignal): AsyncIterable<Uint8Array> {
    let file: OpenFile;
    try {
      file = await this.#place.fs.open(this.#place.absolute(this.path), "read", 0);
    } catch (error) {
      throw outputFailure(error, "reading back", this.#wanted);
    }
    yield* closing(file, readChunks(file, this.#wanted, { start: 0, end: this.#sizeBytes }, signal));
  }

  async link(final: string): Promise<"published" | "exists"> {
    this.#mustBeSynced();
    try {
      await this.#place.fs.link(this.#place.absolute(this.path), this.#place.absolute(final));
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw linkFailure(error, final);
      // NFS may repeat a request whose answer was lost, and the repetition finds our own link.
      if (!(await this.#isSameFile(final))) return "exists";
    }
    await this.#syncFolderOf(final);
    return "published";
  }

  async replace(final: string): Promise<void> {
    this.#mustBeSynced();
    try {
      await this.#place.fs.rename(this.#place.absolute(this.path), this.#place.absolute(final));
    } catch (error) {
      throw outputFailure(error, "publishing", final);
    }
    await this.#syncFolderOf(final);
  }

  /** Best effort: what cannot be removed now has a name that the sweeper knows. */
  async remove(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close().catch(ignore);
    await this.#place.fs.unlink(this.#place.absolute(this.path)).catch(ignore);
  }

  #mustBeSynced(): void {
    if (this.#file !== null) throw new Error(`${this.#wanted} is published before sync`);
  }

  async #isSameFile(final: string): Promise<boolean> {
    try {
      const mine = await this.#place.fs.stat(this.#place.absolute(this.path));
      const theirs = await this.#place.fs.stat(this.#place.absolute(final));
      return mine.identity === theirs.identity;
    } catch (error) {
      throw outputFailure(error, "publishing", final);
    }
  }

  async #syncFolderOf(final: string): Promise<void> {
    try {
      await syncFolder(this.#place.fs, dirname(this.#place.absolute(final)));
    } catch (error) {
      throw outputFailure(error, "publishing", final);
    }
  }
}

async function openInNewFolder(
  place: LocalPlace,
  { path, absolute, mode }: { readonly path: string; readonly absolute: string; readonly mode: number },
): Promise<OpenFile> {
  const { fs } = place;
  try {
    return await fs.open(absolute, "create", mode);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
  // Made anew, its folders would lie where the output is mounted, and in the way of that.
  if (await place.isAway(path)) throw awayFailure(path);
  await makeSyncedFolder(fs, dirname(absolute));
  return fs.open(absolute, "create", mode);
}

function ignore(error: unknown): void {
  if (systemCode(error) === null && !(error instanceof Failure)) throw error;
}
