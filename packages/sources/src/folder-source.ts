import { type BigIntStats, constants } from "node:fs";
import { open, readdir, realpath, stat } from "node:fs/promises";
import { basename, join, resolve, sep } from "node:path";
import { type ByteRange, type ByteSource, Failure, type FileIdentity, type Source } from "@shardmill/core";
import { settledStamp, stampOf } from "./file-stamp.ts";
import type { SourceSpec } from "./source-spec.ts";

type FolderSpec = Extract<SourceSpec, { kind: "folder" }>;

const chunkBytes = 1024 * 1024;

/**
 * A local folder, such as a mirror of a repository. Names that begin with a dot are not seen, links are followed only to
 * files inside the folder, and a file that is written to between listing and reading is a changed source.
 */
export async function openFolderSource(spec: FolderSpec, signal: AbortSignal): Promise<Source> {
  signal.throwIfAborted();
  const name = `folder:${basename(resolve(spec.path))}`;
  const root = await realpath(spec.path).catch((error: unknown) => {
    throw asFailure(error, `the folder of ${name}`, null);
  });
  if (!(await stat(root)).isDirectory()) throw new Failure("source_not_found", `${name} is not a folder`);
  const folder: Folder = { name, root, seen: new Map() };
  return {
    name,
    revision: null,
    list: (listSignal) => walk(folder, "", listSignal),
    open: (file) => openFile(folder, file),
    look: (path) => identityOf(folder, path),
  };
}

interface Folder {
  readonly name: string;
  readonly root: string;
  /** Stamp of each file when it was first listed or read. */
  readonly seen: Map<string, string>;
}

/** In order of the whole path: a folder sorts as its name with a slash. */
async function* walk(folder: Folder, below: string, signal: AbortSignal): AsyncGenerator<FileIdentity> {
  signal.throwIfAborted();
  const entries = await readdir(join(folder.root, below), { withFileTypes: true }).catch((error: unknown) => {
    throw asFailure(error, `${folder.name}/${below}`, below);
  });
  const names = entries
    .filter((entry) => !entry.name.startsWith("."))
    .map((entry) => ({ sortName: entry.isDirectory() ? `${entry.name}/` : entry.name, entry }))
    .sort((a, b) => (a.sortName < b.sortName ? -1 : 1));
  for (const { sortName, entry } of names) {
    if (entry.isDirectory()) yield* walk(folder, below + sortName, signal);
    else if (entry.isFile() || entry.isSymbolicLink()) {
      const file = await identityOf(folder, below + entry.name, (stamp) =>
        folder.seen.set(below + entry.name, stamp),
      );
      if (file !== null) yield file;
    }
  }
}

async function identityOf(
  folder: Folder,
  path: string,
  onStamp: (stamp: string) => void = () => undefined,
): Promise<FileIdentity | null> {
  const stats = await statInside(folder, path);
  if (stats === null) return null;
  onStamp(stampOf(stats));
  const stamp = settledStamp(stats, Date.now());
  return { path, sizeBytes: Number(stats.size), sha256: null, oid: null, stamp };
}

/** Null for what is no file of this folder: a link that leaves it or leads nowhere, a device. */
async function statInside(folder: Folder, path: string): Promise<BigIntStats | null> {
  const real = await realpath(join(folder.root, path)).catch(() => null);
  if (real === null || !real.startsWith(folder.root.endsWith(sep) ? folder.root : folder.root + sep))
    return null;
  const stats = await stat(real, { bigint: true }).catch(() => null);
  return stats?.isFile() === true ? stats : null;
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
      if ((await statInside(folder, file.path)) === null) {
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
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
  const where = path === null ? {} : { where: { path } };
  return code === "ENOENT" || code === "ENOTDIR"
    ? new Failure("source_not_found", `${what} does not exist`, where)
    : new Failure("source_unreachable", `${what} cannot be read (${code})`, where);
}
