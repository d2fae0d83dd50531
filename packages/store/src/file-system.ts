import * as fs from "node:fs/promises";
import { constants, open as openHandle } from "node:fs/promises";
import { makeFolders } from "./make-folders.ts";

/** An open file. `write` writes all of the chunk, `read` says how many bytes it put into the buffer. */
export interface OpenFile {
  write(chunk: Uint8Array): Promise<void>;
  read(buffer: Uint8Array, position: number): Promise<number>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
}

export interface FileFacts {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly isFolder: boolean;
  /** A file of its own: no link, no folder, no device. */
  readonly isFile: boolean;
  /** Device and inode: two names with one identity are one file. */
  readonly identity: string;
}

/**
 * The little of a file system that a store needs; absolute paths, errors with a `code` as Node gives them.
 * Tests put faults (ENOSPC, EIO, a crash) between the store and `localFileSystem`.
 */
export interface FileSystem {
  /** `create` fails with EEXIST when the file exists; `append` makes it or writes on at its end. */
  open(path: string, how: "create" | "read" | "append", mode: number): Promise<OpenFile>;
  /** With parents; returns the first folder that had to be made, or null. */
  mkdir(path: string): Promise<string | null>;
  link(from: string, to: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** A folder with all it holds. */
  removeTree(path: string): Promise<void>;
  /** Of an empty folder only. */
  rmdir(path: string): Promise<void>;
  readdir(path: string): Promise<FolderEntry[]>;
  stat(path: string): Promise<FileFacts>;
  syncFolder(path: string): Promise<void>;
  freeBytes(path: string): Promise<number>;
}

export const localFileSystem: FileSystem = {
  open: openLocal,
  mkdir: makeFolders,
  link: (from, to) => fs.link(from, to),
  rename: (from, to) => fs.rename(from, to),
  unlink: (path) => fs.unlink(path),
  removeTree: (path) => fs.rm(path, { recursive: true, force: true }),
  rmdir: (path) => fs.rmdir(path),
  async readdir(path) {
    const entries = await fs.readdir(path, { withFileTypes: true });
    return entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
  },
  async stat(path) {
    const facts = await fs.lstat(path);
    return {
      sizeBytes: facts.size,
      modifiedMs: facts.mtimeMs,
      isFolder: facts.isDirectory(),
      isFile: facts.isFile(),
      identity: `${facts.dev}:${facts.ino}`,
    };
  },
  async syncFolder(path) {
    const folder = await openHandle(path, constants.O_RDONLY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  async freeBytes(path) {
    const facts = await fs.statfs(path);
    return facts.bavail * facts.bsize;
  },
};

const flags = { create: "wx+", read: "r", append: "a+" } as const;

async function openLocal(path: string, how: keyof typeof flags, mode: number): Promise<OpenFile> {
  const handle = await openHandle(path, flags[how], mode);
  return {
    async write(chunk) {
      for (let at = 0; at < chunk.length; ) {
        const { bytesWritten } = await handle.write(chunk, at, chunk.length - at);
        at += bytesWritten;
      }
    },
    read: async (buffer, position) => (await handle.read(buffer, 0, buffer.length, position)).bytesRead,
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}
