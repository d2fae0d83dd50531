import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Dataset, Failure } from "@shardmill/core";
import { nearestName } from "./nearest-name.ts";
import { type DatasetProblem, parseDataset } from "./parse-dataset.ts";

interface InvalidEntry {
  readonly file: string;
  readonly problems: readonly DatasetProblem[];
}

export interface Catalogue {
  /** The entry, or a Failure `wrong_use` that names the nearest one. */
  get(name: string): Dataset;
  list(): Dataset[];
  /** Files that hold mistakes: they spoil no other entry, and `get` of their name tells them. */
  readonly invalid: readonly InvalidEntry[];
}

/** Reads every `*.yaml` of the folders, in order; an entry of a later folder (the user's own) replaces an earlier one. */
export async function loadCatalogue(folders: string | readonly string[]): Promise<Catalogue> {
  const datasets = new Map<string, Dataset>();
  const invalid = new Map<string, InvalidEntry>();
  for (const folder of typeof folders === "string" ? [folders] : folders)
    for (const file of await yamlFiles(folder)) {
      const name = file.replace(/\.ya?ml$/, "");
      const parsed = parseDataset(await readFile(join(folder, file), "utf8"), file);
      datasets.delete(name);
      invalid.delete(name);
      if (parsed.kind === "ok") datasets.set(name, parsed.dataset);
      else invalid.set(name, { file, problems: parsed.problems });
    }
  return {
    get: (name) => entryOf(name, datasets, invalid),
    list: () => [...datasets.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    invalid: [...invalid.values()],
  };
}

async function yamlFiles(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((file) => /\.ya?ml$/.test(file)).sort();
  } catch (cause) {
    throw new Failure("wrong_use", `the catalogue folder ${folder} cannot be read`, { cause });
  }
}

function entryOf(
  name: string,
  datasets: ReadonlyMap<string, Dataset>,
  invalid: ReadonlyMap<string, InvalidEntry>,
): Dataset {
  const dataset = datasets.get(name);
  if (dataset !== undefined) return dataset;
  const spoiled = invalid.get(name);
  if (spoiled !== undefined)
    throw new Failure(
      "wrong_use",
      `${spoiled.file} holds mistakes: ${spoiled.problems.map(problemText).join("; ")}`,
    );
  const nearest = nearestName(name, [...datasets.keys(), ...invalid.keys()]);
  const hint =
    nearest === null ? `known are ${[...datasets.keys()].sort().join(", ")}` : `did you mean ${nearest}?`;
  throw new Failure("wrong_use", `unknown dataset ${name}; ${hint}`, { where: { dataset: name } });
}

/** `parts.0.path (line 12): message` */
export function problemText({ path, message, line }: DatasetProblem): string {
  const place = [path, line === undefined ? "" : `(line ${line})`].filter((word) => word !== "").join(" ");
  return place === "" ? message : `${place}: ${message}`;
}
