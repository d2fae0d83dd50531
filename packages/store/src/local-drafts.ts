import { randomUUID } from "node:crypto";
import { dirname, posix } from "node:path";
import type { DraftFile, Drafts, MadeDraft } from "./drafts.ts";
import type { FileSystem } from "./file-system.ts";
import type { LocalPlace } from "./local-temp-file.ts";
import { awayFailure, linkFailure, outputFailure, systemCode } from "./output-failure.ts";
import { makeSyncedFolder, syncFolder } from "./synced-folder.ts";
import { temporaryName } from "./temporary-name.ts";

/**
 * Drafts as folders. link(2) and rename(2) find their names anew at every call, and a file whose last name is gone cannot
 * be linked: so nothing comes out of a folder that has been removed.
 */
export class LocalDrafts implements Drafts {
  readonly #place: LocalPlace;
  readonly #fs: FileSystem;

  constructor(place: LocalPlace) {
    this.#place = place;
    this.#fs = place.fs;
  }

  async make(
    draft: string,
    files: Readonly<Record<string, (file: DraftFile) => Promise<void>>>,
    moved: Readonly<Record<string, { readonly path: string }>>,
  ): Promise<MadeDraft> {
    const temp = `${posix.dirname(draft)}/${temporaryName(posix.basename(draft))}`;
    if (await this.#place.isAway(draft)) throw awayFailure(draft);
    try {
      await this.#fs.mkdir(this.#at(temp));
      // What is lost of them when the power goes is made again: only what is published has to be on the disk by name.
      await allOf(
        Object.entries(files).map(([name, fill]) => this.#write(`${temp}/${name}`, `${draft}/${name}`, fill)),
      );
      for (const [name, file] of Object.entries(moved))
        await this.#fs.rename(this.#at(file.path), this.#at(`${temp}/${name}`));
      const made = await this.#filesOf(temp, [...Object.keys(files), ...Object.keys(moved)]);
      await this.#fs.rename(this.#at(temp), this.#at(draft));
      return made;
    } catch (error) {
      await this.#fs.removeTree(this.#at(temp)).catch(() => undefined);
      throw outputFailure(error, "writing", draft);
    }
  }

  async publish(draft: string, file: string, final: string): Promise<"published" | "exists" | "gone"> {
    for (;;) {
      try {
        await this.#fs.link(this.#at(`${draft}/${file}`), this.#at(final));
        return await this.#synced(final, "published");
      } catch (error) {
        if (systemCode(error) === "EEXIST") return "exists";
        if (!isMissing(error)) throw linkFailure(error, final);
        if ((await this.#isGone(draft, final)) || !(await this.#makeFolderOf(final))) return "gone";
      }
    }
  }

  async settle(
    draft: string,
    files: readonly { readonly file: string | null; readonly final: string }[],
  ): Promise<"settled" | "gone"> {
    const ends = await allOf(
      files.map(({ file, final }) =>
        file === null ? this.clear(draft, final) : this.#settleOne(draft, file, final),
      ),
    );
    return ends.some((end) => end === "gone") ? "gone" : "settled";
  }

  async #settleOne(draft: string, file: string, final: string): Promise<"published" | "gone"> {
    const placed = await this.publish(draft, file, final);
    return placed === "exists" ? this.#replace(draft, file, final) : placed;
  }

  async #filesOf(folder: string, names: readonly string[]): Promise<MadeDraft> {
    const stats = names.map(async (name) => {
      const path = `${folder}/${name}`;
      return [name, { path, ...(await this.#fs.stat(this.#at(path))) }] as const;
    });
    return new Map(await Promise.all(stats));
  }

  async #replace(draft: string, file: string, final: string): Promise<"published" | "gone"> {
    const copy = `${draft}/${nextName()}`;
    for (;;) {
      try {
        await this.#fs.link(this.#at(`${draft}/${file}`), this.#at(copy));
        await this.#fs.rename(this.#at(copy), this.#at(final));
        return await this.#synced(final, "published");
      } catch (error) {
        if (!isMissing(error)) throw linkFailure(error, final);
        if ((await this.#isGone(draft, final)) || !(await this.#makeFolderOf(final))) return "gone";
      }
    }
  }

  async clear(draft: string, final: string): Promise<"cleared" | "gone"> {
    try {
      await this.#fs.rename(this.#at(final), this.#at(`${draft}/${nextName()}`));
      return await this.#synced(final, "cleared");
    } catch (error) {
      if (!isMissing(error)) throw outputFailure(error, "removing", final);
      return (await this.#isGone(draft, final)) ? "gone" : "cleared";
    }
  }

  async remove(draft: string): Promise<void> {
    // Under another name it is no draft for anybody, and what a crash leaves of it is swept.
    const temp = `${posix.dirname(draft)}/${temporaryName(posix.basename(draft))}`;
    try {
      await this.#fs.rename(this.#at(draft), this.#at(temp));
      await this.#fs.removeTree(this.#at(temp));
    } catch (error) {
      if (!isMissing(error)) throw outputFailure(error, "removing", draft);
    }
  }

  async #write(path: string, wanted: string, fill: (file: DraftFile) => Promise<void>): Promise<void> {
    try {
      const file = await this.#fs.open(this.#at(path), "create", 0o644);
      try {
        await fill({ write: (chunk) => file.write(chunk), sync: () => file.sync() });
      } finally {
        await file.close();
      }
    } catch (error) {
      throw outputFailure(error, "writing", wanted);
    }
  }

  /** Throws where the whole output is away: nothing was taken from anybody then. */
  async #isGone(draft: string, final: string): Promise<boolean> {
    try {
      await this.#fs.stat(this.#at(draft));
      return false;
    } catch (error) {
      if (!isMissing(error)) throw outputFailure(error, "looking at", draft);
    }
    if (await this.#place.isAway(final)) throw awayFailure(final);
    return true;
  }

  /** False where the folder was there: something else was missing. */
  async #makeFolderOf(final: string): Promise<boolean> {
    const folder = dirname(this.#at(final));
    try {
      await this.#fs.stat(folder);
      return false;
    } catch (error) {
      if (!isMissing(error)) throw outputFailure(error, "looking at", final);
    }
    try {
      await makeSyncedFolder(this.#fs, folder);
      return true;
    } catch (error) {
      throw outputFailure(error, "creating", final);
    }
  }

  async #synced<T>(final: string, result: T): Promise<T> {
    try {
      await syncFolder(this.#fs, dirname(this.#at(final)));
      return result;
    } catch (error) {
      throw outputFailure(error, "publishing", final);
    }
  }

  #at(path: string): string {
    return this.#place.absolute(path);
  }
}

/** Ends when all have, also where one fails: nothing is done after what its caller is told. */
async function allOf<T>(all: readonly Promise<T>[]): Promise<T[]> {
  const ends = await Promise.allSettled(all);
  return ends.map((end) => {
    if (end.status === "rejected") throw end.reason;
    return end.value;
  });
}

/** Whoever finishes a draft may be on any machine. */
function nextName(): string {
  return `taken-${randomUUID()}`;
}

function isMissing(error: unknown): boolean {
  return systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR";
}
