import type { Dataset } from "@shardmill/core";
import { EntryShelf, type InvalidEntry } from "./entry-shelf.ts";
import { parseDataset } from "./parse-dataset.ts";

export interface Catalogue {
  /** The entry, or a Failure `wrong_use` that names the nearest one. */
  get(name: string): Dataset;
  list(): Dataset[];
  /** Files that hold mistakes: they spoil no other entry, and `get` of their name tells them. */
  readonly invalid: readonly InvalidEntry[];
}

/** Reads every `*.yaml` of the folders, in order; an entry of a later folder (the user's own) replaces an earlier one. */
export async function loadCatalogue(folders: string | readonly string[]): Promise<Catalogue> {
  const shelf = await EntryShelf.read(typeof folders === "string" ? [folders] : folders, {
    word: "dataset",
    place: "",
    parse: parseDataset,
  });
  return {
    get: (name) => shelf.get(name),
    list: () => [...shelf.all],
    invalid: shelf.invalid,
  };
}
