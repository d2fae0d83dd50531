import { access, lstat, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "@shardmill/core";
import type { TokenizerParts } from "./tokenizer-files.ts";

const prefix = "shardmill-text-";
/** Whose process made the folder stands in its name. */
const folderName = /^shardmill-text-(\d+)-/;

/** The file from which children read their tokenizer, in a temporary folder of its own. */
export class PartsFile {
  readonly #parts: TokenizerParts;
  #folder: string | null = null;
  #writing: Promise<string> | null = null;

  private constructor(parts: TokenizerParts) {
    this.#parts = parts;
  }

  /** Sweeps what killed processes have left first. Throws a Failure `tokenizer_unavailable` where nothing can be written. */
  static async open(parts: TokenizerParts): Promise<PartsFile> {
    await sweepFolders();
    const file = new PartsFile(parts);
    await file.path();
    return file;
  }

  /** Where it lies. It is written anew where it is gone: folders for temporary files are swept by others too. */
  async path(): Promise<string> {
    if (this.#folder !== null) {
      const file = fileIn(this.#folder);
      if (await isThere(file)) return file;
    }
    // Children begin side by side, and one file does for all.
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  /** Also what is just being written. */
  async remove(): Promise<void> {
    await this.#writing?.catch(() => undefined);
    await this.#removeFolder();
  }

  async #removeFolder(): Promise<void> {
    if (this.#folder !== null) await rm(this.#folder, { recursive: true, force: true });
    this.#folder = null;
  }

  /** In a new folder each time: in one that was swept away somebody else may have taken the name. */
  async #write(): Promise<string> {
    let folder: string | null = null;
    try {
      await this.#removeFolder();
      folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
      await writeFile(fileIn(folder), JSON.stringify(this.#parts), { mode: 0o600 });
    } catch (error) {
      if (folder !== null) await rm(folder, { recursive: true, force: true });
      if (!(error instanceof Error && "code" in error)) throw error;
      throw new Failure(
        "tokenizer_unavailable",
        `the tokenizer cannot be written to the folder for temporary files: ${error.message}`,
        { where: { path: tmpdir() }, cause: error },
      );
    }
    this.#folder = folder;
    return fileIn(folder);
  }
}

function fileIn(folder: string): string {
  return join(folder, "tokenizer.json");
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/**
 * Removes the folders of processes that are no more: who is killed removes nothing. A process that lives and is not seen from
 * here, in another container, loses a file by this and writes it anew.
 */
async function sweepFolders(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names) {
    const pid = folderName.exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    const folder = join(tmpdir(), name);
    // Another process may sweep at the same time; what cannot be removed waits for the next one.
    if (await isOwn(folder)) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function isOwn(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => null);
  return found?.isDirectory() === true && found.uid === (process.getuid?.() ?? found.uid);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Anything but "no such process" is a process.
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}
