import { createHash, randomUUID } from "node:crypto";
import { type ByteRange, Failure } from "@shardmill/core";
import type { Conditional, Placed } from "../conditional.ts";
import type { FileStat } from "../file-stat.ts";
import type { FileRead, FolderStore, ReadableFile, Store } from "../store.ts";
import { parseTemporaryName } from "../temporary-name.ts";
import { BucketFile } from "./bucket-file.ts";
import { BucketTempFile } from "./bucket-temp-file.ts";
import type { ListedObject, ObjectBody, Objects, PutCondition, PutEnd } from "./objects.ts";
import type { Patience } from "./patience.ts";
import { type ObjectPlace, objectChunks, readObject, stampOf } from "./read-object.ts";

export interface BucketParts {
  /** As it is told to the user. */
  readonly root: string;
  readonly objects: Objects;
  readonly patience: Patience;
  /** A folder of this machine, where files lie until they are sent. */
  readonly scratch: FolderStore;
  readonly desk: FolderStore;
}

/**
 * A store in a bucket. What is published is one PutObject, whole or not at all; temporary files lie on this machine. There
 * are no folders: what a path begins with stands for one, and a file may have the name of one.
 */
export class BucketStore implements Store, Conditional {
  readonly root: string;
  readonly drafts = null;
  readonly conditional = this;
  readonly scratch: FolderStore;
  readonly machine: FolderStore;
  readonly desk: FolderStore;
  readonly #objects: Objects;
  readonly #patience: Patience;
  readonly #temps = new Map<string, BucketTempFile>();
  /** Of temporary files: the tag of what was made of them. */
  readonly #published = new Map<string, string>();

  constructor({ root, objects, patience, scratch, desk }: BucketParts) {
    this.root = root;
    this.scratch = scratch;
    this.machine = scratch;
    this.desk = desk;
    this.#objects = objects;
    this.#patience = patience;
  }

  /** The mode is a file system's: who may read a bucket is said in the bucket. */
  async put(path: string, data: string | Uint8Array): Promise<void> {
    await this.send(path, bodyOf(data), { writer: randomUUID() });
  }

  async putNew(path: string, data: string | Uint8Array): Promise<"published" | "exists"> {
    const end = await this.send(path, bodyOf(data), { writer: randomUUID(), isNew: true });
    return end.kind === "done" ? "published" : "exists";
  }

  async createTemp(path: string): Promise<BucketTempFile> {
    const temp = new BucketTempFile(this, await this.scratch.createTemp(inside(path)));
    this.#temps.set(temp.path, temp);
    return temp;
  }

  async send(path: string, body: ObjectBody, condition: PutCondition): Promise<PutEnd> {
    return this.#objects.put(inside(path), body, condition);
  }

  async look(path: string): Promise<Placed | null> {
    const facts = await this.#objects.head(inside(path));
    return facts === null ? null : { tag: facts.etag, owner: facts.writer, sha256: facts.sha256 };
  }

  async place(
    path: string,
    data: string | Uint8Array | { readonly path: string },
    { owner, over }: { readonly owner: string; readonly over: string | null },
  ): Promise<"done" | "refused"> {
    const condition = { writer: owner, ...(over === null ? { isNew: true } : { replaces: over }) };
    return (await this.send(path, this.#bodyOf(data), condition)).kind;
  }

  async takeAway(...paths: readonly string[]): Promise<void> {
    await this.#objects.remove(paths.map(inside));
  }

  async beginning(start: string): Promise<FileStat[]> {
    const files: FileStat[] = [];
    for await (const { objects } of this.#objects.list(start, { byFolder: false }))
      files.push(...objects.map(statOf));
    return files.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  #bodyOf(data: string | Uint8Array | { readonly path: string }): ObjectBody {
    if (typeof data === "string" || data instanceof Uint8Array) return bodyOf(data);
    const temp = this.#temps.get(data.path);
    if (temp === undefined) throw new Error(`${data.path} is no temporary file of this store`);
    return temp.body();
  }

  published(temp: string, etag: string): void {
    this.#published.set(temp, stampOf(etag));
  }

  forget(temp: string): void {
    this.#published.delete(temp);
    this.#temps.delete(temp);
  }

  async read(path: string): Promise<Uint8Array | null> {
    const read = await readObject(this.#place(path));
    return read === null || read === "same" ? null : read.bytes;
  }

  readUnless(path: string, stamp: string | null): Promise<FileRead | "same" | null> {
    return readObject(this.#place(path), stamp);
  }

  async readRange(path: string, start: number, end: number): Promise<Uint8Array> {
    return joined(objectChunks(this.#place(path), { start, end }, {}));
  }

  async *chunks(path: string, signal: AbortSignal, range?: ByteRange): AsyncIterable<Uint8Array> {
    signal.throwIfAborted();
    yield* objectChunks(this.#place(path), range ?? null, { signal });
  }

  async openFile(path: string): Promise<ReadableFile | null> {
    const place = this.#place(path);
    const facts = await this.#objects.head(path);
    if (facts === null) return null;
    const { sizeBytes, etag } = facts;
    return new BucketFile(path, sizeBytes, (range) => joined(objectChunks(place, range, { etag })));
  }

  async list(folder: string): Promise<string[]> {
    const { files } = await this.#inFolder(folder);
    return files.map(({ path }) => path).sort();
  }

  async listFolders(folder: string): Promise<string[]> {
    const { folders, start } = await this.#inFolder(folder);
    return folders.map((path) => path.slice(start.length, -1)).sort();
  }

  listTemporaries(folder: string): Promise<string[]> {
    return this.scratch.listTemporaries(folder);
  }

  async listAll(folder: string): Promise<FileStat[]> {
    const all = new Map<string, FileStat>();
    const start = startOf(folder);
    for await (const { objects } of this.#objects.list(start, { byFolder: false })) {
      for (const object of objects.filter(({ path }) => !path.endsWith("/"))) {
        const stat = statOf(object);
        all.set(stat.path, stat);
        for (const above of foldersOf(stat.path, folder)) all.set(above, aFolder(above));
      }
    }
    for (const stat of await this.scratch.listAll(folder))
      if (parseTemporaryName(nameOf(stat.path)) !== null) all.set(stat.path, stat);
    return [...all.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  async stat(path: string): Promise<FileStat | null> {
    if (parseTemporaryName(nameOf(path)) !== null) return this.#statTemporary(inside(path));
    const facts = await this.#objects.head(inside(path));
    return facts === null ? null : { ...statOf({ ...facts, path }), sha256: facts.sha256 };
  }

  async remove(path: string): Promise<boolean> {
    if (parseTemporaryName(nameOf(path)) !== null) return this.scratch.remove(inside(path));
    if ((await this.#objects.head(inside(path))) !== null) {
      await this.#objects.remove([path]);
      return true;
    }
    let found = false;
    for await (const { objects } of this.#objects.list(startOf(path), { byFolder: false })) {
      if (objects.length === 0) continue;
      found = true;
      await this.#objects.remove(objects.map((object) => object.path));
    }
    return found;
  }

  /** There are no folders. */
  async removeEmpty(): Promise<void> {}

  /** What runs out is the room for what is not sent yet. */
  freeBytes(): Promise<number> {
    return this.scratch.freeBytes();
  }

  async #statTemporary(path: string): Promise<FileStat | null> {
    const stat = await this.scratch.stat(path);
    const etag = this.#published.get(path);
    return stat === null || etag === undefined ? stat : { ...stat, identity: etag };
  }

  async #inFolder(folder: string): Promise<{ files: ListedObject[]; folders: string[]; start: string }> {
    const start = startOf(folder);
    const files: ListedObject[] = [];
    const folders: string[] = [];
    for await (const page of this.#objects.list(start, { byFolder: true })) {
      // Some programs put an empty object in place of a folder.
      files.push(...page.objects.filter(({ path }) => !path.endsWith("/")));
      folders.push(...page.folders);
    }
    return { files, folders, start };
  }

  #place(path: string): ObjectPlace {
    return { objects: this.#objects, patience: this.#patience, path: inside(path) };
  }
}

/** What the paths of a folder begin with. */
function startOf(folder: string): string {
  return folder === "" ? "" : `${inside(folder)}/`;
}

function inside(path: string): string {
  const isOutside = path.split("/").some((part) => part === "" || part === "." || part === "..");
  if (!isOutside && !path.includes("\0")) return path;
  const found = JSON.stringify(path);
  throw new Failure("output_unwritable", `expected a path inside the output, found ${found}`);
}

function statOf({ path, etag, sizeBytes, modifiedMs }: ListedObject): FileStat {
  return { path, sizeBytes, modifiedMs, isFolder: false, identity: stampOf(etag) };
}

function bodyOf(data: string | Uint8Array): ObjectBody {
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  return {
    sizeBytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    open: () => bytes,
  };
}

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The folders between a file and the folder that is listed. */
function foldersOf(path: string, below: string): string[] {
  const folders: string[] = [];
  for (let at = path.lastIndexOf("/"); at > below.length; at = path.lastIndexOf("/", at - 1))
    folders.push(path.slice(0, at));
  return folders;
}

function aFolder(path: string): FileStat {
  return { path, sizeBytes: 0, modifiedMs: 0, isFolder: true, identity: `folder ${path}` };
}
