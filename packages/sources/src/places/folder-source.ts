import { type BigIntStats, constants, type Dirent } from "node:fs";
import { open, readdir, realpath, stat } from "node:fs/promises";
import { basename, join, resolve, sep } from "node:path";
import { type ByteRange, type ByteSource, Failure, type FileIdentity, type Source } from "@shardmill/core";
import { cacheRootOf } from "./cache-root.ts";
import { settledStamp, stampOf } from "./file-stamp.ts";
import { PassedOver } from "./passed-over.ts";
import type { SourceSpec } from "./source-spec.ts";

type FolderSpec = Extract<SourceSpec, { kind: "folder" }>;

const chunkBytes = 1024 * 1024;

/** Lists one folder; a test may refuse to. */
export type ListFolder = (path: string) => Promise<Dirent[]>;

/**
 * A local folder, such as a mirror of a repository. Names that begin with a dot are not seen, and a file that is written to
 * between listing and reading is a changed source. Links are followed to files inside the folder; where it is a snapshot in
 * the cache of `huggingface_hub`, whose files are links to its blobs, to files inside that cache's root. Other links and
 * folders that may not be read are passed over and told.
 */
export async function openFolderSource(
  spec: FolderSpec,
  signal: AbortSignal,
  listFolder: ListFolder = (path) => readdir(path, { withFileTypes: true }),
): Promise<Source> {
  signal.throwIfAborted();
  const name = `folder:${basename(resolve(spec.path))}`;
  const root = await realpath(spec.path).catch((error: unknown) => {
    throw asFailure(error, `the folder of ${name}`, null);
  });
  if (!(await stat(root)).isDirectory()) throw new Failure("source_not_found", `${name} is not a folder`);
  const within = (await cacheRootOf(root)) ?? root;
  const passedOver = new PassedOver();
  const folder: Folder = { name, root, within, listFolder, passedOver, seen: new Map() };
  return {
    name,
    revision: null,
    list: (listSignal) => {
      passedOver.clear();
      return walk(folder, "", listSignal);
    },
    passedOver: () => passedOver.lines(),
    open: (file) => openFile(folder, file),
    look: async (path) => {
      const stats = await look(folder, path);
      return typeof stats === "string" ? null : identityOf(path, stats);
    },
  };
}

interface Folder {
  readonly name: string;
  readonly root: string;
  /** Where links may lead: the folder itself, or the root of the cache that it is a snapshot of. */
  readonly within: string;
  readonly listFolder: ListFolder;
  readonly passedOver: PassedOver;
  /** Stamp of each file when it was first listed or read. */
  readonly seen: Map<string, string>;
}

/** In order of the whole path: a folder sorts as its name with a slash. */
async function* walk(folder: Folder, below: string, signal: AbortSignal): AsyncGenerator<FileIdentity> {
  signal.throwIfAborted();
  const names = (await entriesOf(folder, below))
    .filter((entry) => !entry.name.startsWith("."))
    .map((entry) => ({ sortName: entry.isDirectory() ? `${entry.name}/` : entry.name, entry }))
    .sort((a, b) => (a.sortName < b.sortName ? -1 : 1));
  for (const { sortName, entry } of names) {
    const path = below + entry.name;
    if (entry.isDirectory()) yield* walk(folder, below + sortName, signal);
    else if (!entry.isFile() && !entry.isSymbolicLink()) folder.passedOver.add("special", path);
    else {
      const stats = await statOrTell(folder, path, entry.isSymbolicLink());
      if (stats === null) continue;
      folder.seen.set(path, stampOf(stats));
      yield identityOf(path, stats);
    }
  }
}

/** A folder that may not be read is passed over, as is one that has just gone; one that fails otherwise may be read later. */
async function entriesOf(folder: Folder, below: string): Promise<Dirent[]> {
  try {
    return await folder.listFolder(join(folder.root, below));
  } catch (error) {
    const code = codeOf(error);
    if (below === "" || !["EACCES", "EPERM", "ENOENT"].includes(code))
      throw asFailure(error, `${folder.name}/${below}`, below);
    folder.passedOver.add("unreadable", `${below} (${code})`);
    return [];
  }
}

/** Null for what is no file that may be read from here: a link that leaves or leads nowhere, a device. */
async function statOrTell(folder: Folder, path: string, isLink: boolean): Promise<BigIntStats | null> {
  const found = await look(folder, path);
  if (typeof found !== "string") return found;
  const kind = found === "unreadable" || isLink ? found : null;
  // A file that went away while its folder was being read was not there.
  if (kind !== null) folder.passedOver.add(kind, path);
  return null;
}

type Unseen = Parameters<PassedOver["add"]>[0];

async function look(folder: Folder, path: string): Promise<BigIntStats | Unseen> {
  try {
    const real = await realpath(join(folder.root, path));
    if (!real.startsWith(folder.within.endsWith(sep) ? folder.within : folder.within + sep)) return "outside";
    const stats = await stat(real, { bigint: true });
    if (stats.isFile()) return stats;
    return stats.isDirectory() ? "folder-link" : "special";
  } catch (error) {
    const code = codeOf(error);
    if (code === "ELOOP") return "loop";
    return code === "ENOENT" || code === "ENOTDIR" ? "nowhere" : "unreadable";
  }
}

function identityOf(path: string, stats: BigIntStats): FileIdentity {
  const stamp = settledStamp(stats, Date.now());
  return { path, sizeBytes: Number(stats.size), sha256: null, oid: null, stamp };
}

function openFile(folder: Folder, file: FileIdentity): ByteSource {
  const name = `${folder.name}/${file.path}`;
  return {
    name,
    sizeBytes: file.sizeBytes,
    async *read(range, signal) {
      signal.throwIfAborted();
      if (range.start < 0 || range.end > file.sizeBytes || range.start > range.end) {
        throw new RangeError(`${name}: no range ${range.start}-${range.end} in ${file.sizeBytes} bytes`);
      }
      if (typeof (await look(folder, file.path)) === "string") {
        throw new Failure("source_not_found", `${name} does not exist`, { where: { path: file.path } });
      }
      yield* readFile(folder, file, range, signal);
    },
  };
}

async function* readFile(
  folder: Folder,
  file: FileIdentity,
  range: ByteRange,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const path = join(folder.root, file.path);
  const handle = await open(path, constants.O_RDONLY).catch((error: unknown) => {
    throw asFailure(error, `${folder.name}/${file.path}`, file.path);
  });
  try {
    checkSame(folder, file, await handle.stat({ bigint: true }));
    for (let at = range.start; at < range.end; ) {
      signal.throwIfAborted();
      const buffer = Buffer.allocUnsafeSlow(Math.min(chunkBytes, range.end - at));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at).catch((error: unknown) => {
        throw asFailure(error, `${folder.name}/${file.path}`, file.path);
      });
      // A file that was cut or written to while we read: the bytes so far may be of two files.
      checkSame(folder, file, await handle.stat({ bigint: true }));
      if (bytesRead === 0) throw changed(folder, file);
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

function checkSame(folder: Folder, file: FileIdentity, stats: BigIntStats): void {
  const seen = folder.seen.get(file.path) ?? stampOf(stats);
  folder.seen.set(file.path, seen);
  if (Number(stats.size) !== file.sizeBytes || stampOf(stats) !== seen) throw changed(folder, file);
}

function changed(folder: Folder, file: FileIdentity): Failure {
  return new Failure("source_changed", `${folder.name}/${file.path} is not the file that was listed`, {
    where: { path: file.path },
  });
}

/** The system's message holds an absolute path, so only its code is told. */
function asFailure(error: unknown, what: string, path: string | null): Failure {
  const code = codeOf(error);
  const where = path === null ? {} : { where: { path } };
  return code === "ENOENT" || code === "ENOTDIR"
    ? new Failure("source_not_found", `${what} does not exist`, where)
    : new Failure("source_unreachable", `${what} cannot be read (${code})`, where);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
