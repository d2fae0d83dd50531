import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "@shardmill/core";
import { nearestName } from "./nearest-name.ts";
import { type EntryProblem, problemText, type ReadEntry } from "./read-entry.ts";

/** A file that holds mistakes. */
export interface InvalidEntry {
  readonly file: string;
  readonly problems: readonly EntryProblem[];
}

/** What entries of one kind are called, and how one is read. */
export interface EntryKind<T> {
  /** In messages: `dataset`. */
  readonly word: string;
  /** What stands before a file's name where it is told; empty: nothing. */
  readonly place: string;
  /** What else a name may be, behind the list of those that are known. */
  readonly more?: string;
  parse(yamlText: string, fileName: string): ReadEntry<T>;
}

/** The entries of some folders by name. One with mistakes spoils no other: whoever asks for it by its name is told them. */
export class EntryShelf<T> {
  readonly #kind: EntryKind<T>;
  readonly #valid = new Map<string, T>();
  readonly #invalid = new Map<string, InvalidEntry>();

  private constructor(kind: EntryKind<T>) {
    this.#kind = kind;
  }

  /** Reads every `*.yaml` of the folders, in order; an entry of a later folder (the user's own) replaces an earlier one. */
  static async read<T>(folders: readonly string[], kind: EntryKind<T>): Promise<EntryShelf<T>> {
    const shelf = new EntryShelf(kind);
    for (const folder of folders)
      for (const file of await yamlFiles(folder)) shelf.#put(file, await textOf(join(folder, file)));
    return shelf;
  }

  /** By name. */
  get all(): readonly T[] {
    return this.names.flatMap((name) => this.find(name) ?? []);
  }

  get names(): readonly string[] {
    return [...this.#valid.keys()].sort();
  }

  get invalid(): readonly InvalidEntry[] {
    return [...this.#invalid.values()];
  }

  /** Null where no file has the name; a Failure `wrong_use` that tells the mistakes of the one that has. */
  find(name: string): T | null {
    const entry = this.#valid.get(name);
    if (entry !== undefined) return entry;
    const spoiled = this.#invalid.get(name);
    if (spoiled === undefined) return null;
    const { file, problems } = spoiled;
    throw new Failure("wrong_use", `${file} holds mistakes: ${problems.map(problemText).join("; ")}`);
  }

  /** The entry, or a Failure `wrong_use` that names the nearest one. */
  get(name: string): T {
    const found = this.find(name);
    if (found !== null) return found;
    const { word, more = "" } = this.#kind;
    const nearest = nearestName(name, [...this.#valid.keys(), ...this.#invalid.keys()]);
    const hint = nearest === null ? `known are ${this.names.join(", ")}${more}` : `did you mean ${nearest}?`;
    const where = word === "dataset" ? { dataset: name } : {};
    throw new Failure("wrong_use", `unknown ${word} ${name}; ${hint}`, { where });
  }

  #put(file: string, text: ReadEntry<string>): void {
    const name = file.replace(/\.ya?ml$/, "");
    const read = text.kind === "ok" ? this.#kind.parse(text.value, file) : text;
    this.#valid.delete(name);
    this.#invalid.delete(name);
    if (read.kind === "ok") this.#valid.set(name, read.value);
    else this.#invalid.set(name, { file: `${this.#kind.place}${file}`, problems: read.problems });
  }
}

async function yamlFiles(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((file) => /\.ya?ml$/.test(file)).sort();
  } catch (cause) {
    throw new Failure("wrong_use", `the catalogue folder ${folder} cannot be read`, { cause });
  }
}

/** A link to nowhere, a folder, a file of somebody else: a mistake of this entry, whatever the system calls it. */
async function textOf(path: string): Promise<ReadEntry<string>> {
  try {
    return { kind: "ok", value: await readFile(path, "utf8") };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (typeof code !== "string") throw error;
    return { kind: "invalid", problems: [{ path: "", message: `cannot be read (${code})` }] };
  }
}
