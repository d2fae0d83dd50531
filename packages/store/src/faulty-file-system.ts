import { type FileSystem, localFileSystem, type OpenFile } from "./file-system.ts";

/** One call on a file system. Reading is not told: it changes nothing. */
export type FileOperation =
  | "create"
  | "write"
  | "sync"
  | "mkdir"
  | "link"
  | "rename"
  | "unlink"
  | "removeTree"
  | "syncFolder";

/**
 * The local file system with faults for tests: `before` is asked before each call that changes something, with the
 * paths it concerns; what it throws is what the call throws, and a call that is waited for is held up.
 */
export function faultyFileSystem(
  before: (operation: FileOperation, path: string, to?: string) => void | Promise<void>,
  real: FileSystem = localFileSystem,
): FileSystem {
  return {
    ...real,
    async open(path, how, mode) {
      if (how === "read") return real.open(path, how, mode);
      await before("create", path);
      return withFaults(await real.open(path, how, mode), path, before);
    },
    async mkdir(path) {
      await before("mkdir", path);
      return real.mkdir(path);
    },
    async link(from, to) {
      await before("link", from, to);
      return real.link(from, to);
    },
    async rename(from, to) {
      await before("rename", from, to);
      return real.rename(from, to);
    },
    async unlink(path) {
      await before("unlink", path);
      return real.unlink(path);
    },
    async removeTree(path) {
      await before("removeTree", path);
      return real.removeTree(path);
    },
    async syncFolder(path) {
      await before("syncFolder", path);
      return real.syncFolder(path);
    },
  };
}

function withFaults(
  file: OpenFile,
  path: string,
  before: (operation: FileOperation, path: string) => void | Promise<void>,
): OpenFile {
  return {
    ...file,
    async write(chunk) {
      await before("write", path);
      return file.write(chunk);
    },
    async sync() {
      await before("sync", path);
      return file.sync();
    },
  };
}

/** An error as the system gives it: `systemError("ENOSPC")`. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: planted`), { code });
}
