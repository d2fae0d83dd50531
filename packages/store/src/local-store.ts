import { realpath } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Failure } from "@shardmill/core";
import type { FileStat } from "./file-stat.ts";
import type { FileFacts, FileSystem, OpenFile } from "./file-system.ts";
import { LocalDrafts } from "./local-drafts.ts";
import { LocalTempFile } from "./local-temp-file.ts";
import { MissingFile, outputFailure, systemCode } from "./output-failure.ts";
import { closing, readChunks, readToEnd } from "./read-chunks.ts";
import type { FileRead, FolderStore, ReadableFile } from "./store.ts";
import { parseTemporaryName } from "./temporary-name.ts";

/** Within a tick of the file system's clock a file may be replaced twice and look the same: so young, it is read again. */
const settledAfterMs = 100;

/**
 * A store in a folder, which several machines may share. Nothing is made before the first write. The root itself may be a
 * link to where the folder is mounted here; links below it are not followed.
 */
export async function openLocalStore(root: string, fs: FileSystem): Promise<FolderStore> {
  const named = resolve(root);
  const store = new LocalStore(await realpath(named).catch(() => named), fs);
  const facts = await store.stat("");
  if (facts !== null && !facts.isFolder) {
    throw new Failure("output_unwritable", `expected a folder for the output, found a file: ${root}`);
  }
  return store;
}

class LocalStore implements FolderStore {
  readonly root: string;
  readonly fs: FileSystem;
  readonly drafts: LocalDrafts;
  readonly conditional = null;
  readonly machine = this;
  readonly desk = this;
  /** Folders directly in the root that files were made in. */
  readonly #met = new Set<string>();

  constructor(root: string, fs: FileSystem) {
    this.root = root;
    this.fs = fs;
    this.drafts = new LocalDrafts(this);
  }

  async put(
    path: string,
    data: string | Uint8Array,
    options: { readonly mode?: number } = {},
  ): Promise<void> {
    const temp = await this.#filled(path, data, options);
    try {
      await temp.replace(path);
    } finally {
      await temp.remove();
    }
  }

  async putNew(path: string, data: string | Uint8Array): Promise<"published" | "exists"> {
    const temp = await this.#filled(path, data, {});
    try {
      return await temp.link(path);
    } finally {
      await temp.remove();
    }
  }

  async createTemp(path: string, options: { readonly mode?: number } = {}): Promise<LocalTempFile> {
    return LocalTempFile.create(this, path, options.mode ?? 0o644);
  }

  async read(path: string): Promise<Uint8Array | null> {
    const file = await this.#open(path);
    if (file === null) return null;
    // To the end of the file that is open: the name may stand for another one by now, of another size.
    const parts: Uint8Array[] = [];
    for await (const chunk of closing(file, readToEnd(file, path))) parts.push(chunk);
    return joined(parts);
  }

  async readUnless(path: string, stamp: string | null): Promise<FileRead | "same" | null> {
    const stat = await this.stat(path);
    if (stat === null) return null;
    const found = `${stat.identity} ${stat.sizeBytes} ${stat.modifiedMs}`;
    if (found === stamp) return "same";
    const isSettled = Date.now() - stat.modifiedMs > settledAfterMs;
    const bytes = await this.read(path);
    return bytes === null ? null : { bytes, stamp: isSettled ? found : null };
  }

  async readRange(path: string, start: number, end: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    const file = await this.#mustOpen(path);
    for await (const chunk of closing(file, readChunks(file, path, { start, end }, null))) parts.push(chunk);
    return joined(parts);
  }

  async *chunks(
    path: string,
    signal: AbortSignal,
    range?: { readonly start: number; readonly end: number },
  ): AsyncIterable<Uint8Array> {
    signal.throwIfAborted();
    const file = await this.#mustOpen(path);
    const whole = range ?? { start: 0, end: (await this.#facts(path, file)).sizeBytes };
    yield* closing(file, readChunks(file, path, whole, signal));
  }

  async openFile(path: string): Promise<ReadableFile | null> {
    const file = await this.#open(path);
    if (file === null) return null;
    const { sizeBytes } = await this.#facts(path, file);
    return {
      path,
      sizeBytes,
      async read(start, end) {
        const parts: Uint8Array[] = [];
        const range = { start, end: Math.min(end, sizeBytes) };
        for await (const chunk of readChunks(file, path, range, null)) parts.push(chunk);
        return joined(parts);
      },
      close: () => file.close(),
    };
  }

  list(folder: string): Promise<string[]> {
    return this.#files(folder, (name) => parseTemporaryName(name) === null);
  }

  async listFolders(folder: string): Promise<string[]> {
    const entries = await this.#entries(folder);
    return entries
      .filter((entry) => entry.isFolder)
      .map((entry) => entry.name)
      .sort();
  }

  listTemporaries(folder: string): Promise<string[]> {
    return this.#files(folder, (name) => parseTemporaryName(name) !== null);
  }

  async listAll(folder: string): Promise<FileStat[]> {
    const all: FileStat[] = [];
    for (const { name } of await this.#entries(folder)) {
      const stat = await this.stat(under(folder, name));
      if (stat === null) continue;
      all.push(stat);
      if (stat.isFolder) all.push(...(await this.listAll(stat.path)));
    }
    return all.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  async stat(path: string): Promise<FileStat | null> {
    try {
      return { path, ...(await this.fs.stat(this.absolute(path))) };
    } catch (error) {
      if (isMissing(error)) return null;
      throw outputFailure(error, "looking at", path);
    }
  }

  async remove(path: string): Promise<boolean> {
    const stat = await this.stat(path);
    if (stat === null) return false;
    this.#met.delete(path);
    try {
      await (stat.isFolder ? this.fs.removeTree(this.absolute(path)) : this.fs.unlink(this.absolute(path)));
    } catch (error) {
      if (isMissing(error)) return false;
      throw outputFailure(error, "removing", path);
    }
    return true;
  }

  async removeEmpty(folder: string): Promise<void> {
    try {
      await this.fs.rmdir(this.absolute(folder));
    } catch (error) {
      if (isMissing(error) || ["ENOTEMPTY", "EEXIST"].includes(systemCode(error) ?? "")) return;
      throw outputFailure(error, "removing", folder);
    }
  }

  async freeBytes(): Promise<number> {
    let folder = this.root;
    while (dirname(folder) !== folder && (await this.#isMissing(folder))) folder = dirname(folder);
    try {
      return await this.fs.freeBytes(folder);
    } catch (error) {
      throw outputFailure(error, "looking for room in", "");
    }
  }

  async isAway(path: string): Promise<boolean> {
    const folder = topOf(path);
    if (folder === null || !this.#met.has(folder)) return false;
    return this.#isMissing(this.absolute(folder));
  }

  met(path: string): void {
    const folder = topOf(path);
    if (folder !== null) this.#met.add(folder);
  }

  /** The real path of a path in the store, which cannot lead out of it. */
  absolute(path: string): string {
    const parts = path === "" ? [] : path.split("/");
    if (parts.some((part) => part === "" || part === "." || part === ".." || part.includes("\0"))) {
      throw new Failure(
        "output_unwritable",
        `expected a path inside the output, found ${JSON.stringify(path)}`,
      );
    }
    return [this.root === "/" ? "" : this.root, ...parts].join("/") || "/";
  }

  async #filled(path: string, data: string | Uint8Array, options: { mode?: number }): Promise<LocalTempFile> {
    const temp = await this.createTemp(path, options);
    try {
      await temp.write(typeof data === "string" ? Buffer.from(data) : data);
      await temp.sync();
      return temp;
    } catch (error) {
      await temp.remove();
      throw error;
    }
  }

  async #open(path: string): Promise<OpenFile | null> {
    try {
      return await this.fs.open(this.absolute(path), "read", 0);
    } catch (error) {
      if (isMissing(error)) return null;
      throw outputFailure(error, "opening", path);
    }
  }

  async #mustOpen(path: string): Promise<OpenFile> {
    const file = await this.#open(path);
    if (file === null) throw new MissingFile(path);
    return file;
  }

  async #facts(path: string, file: OpenFile): Promise<FileFacts> {
    try {
      return await this.fs.stat(this.absolute(path));
    } catch (error) {
      await file.close();
      throw outputFailure(error, "looking at", path);
    }
  }

  async #files(folder: string, isWanted: (name: string) => boolean): Promise<string[]> {
    const entries = await this.#entries(folder);
    return entries
      .filter((entry) => !entry.isFolder && isWanted(entry.name))
      .map((entry) => under(folder, entry.name))
      .sort();
  }

  async #entries(folder: string): Promise<{ name: string; isFolder: boolean }[]> {
    try {
      return await this.fs.readdir(this.absolute(folder));
    } catch (error) {
      if (isMissing(error)) return [];
      throw outputFailure(error, "listing", folder);
    }
  }

  async #isMissing(folder: string): Promise<boolean> {
    try {
      await this.fs.stat(folder);
      return false;
    } catch {
      return true;
    }
  }
}

/** The folder directly in the root; null for what lies in the root itself. */
function topOf(path: string): string | null {
  const at = path.indexOf("/");
  return at < 0 ? null : path.slice(0, at);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
}

function under(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/** ENOTDIR: a folder of the path is a file, so there is nothing at the path either. */
function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === "ENOENT" || code === "ENOTDIR";
}
