import {
  type Dataset,
  type FileIdentity,
  type FurtherSource,
  furtherSources,
  placePrefix,
} from "@shardmill/core";

/** A listing of all places of a dataset. A rule speaks of the files of one. */
export interface ListedFiles {
  /** Without a place: those of the dataset's own source. */
  of(source: FurtherSource | undefined): readonly FileIdentity[];
}

export function listedFiles(dataset: Dataset, files: readonly FileIdentity[]): ListedFiles {
  const prefixes = [...furtherSources(dataset).keys()];
  const byPlace = new Map<string, FileIdentity[]>();
  for (const file of files) {
    const place = prefixes.find((prefix) => file.path.startsWith(prefix)) ?? "";
    const known = byPlace.get(place);
    if (known === undefined) byPlace.set(place, [file]);
    else known.push(file);
  }
  return { of: (source) => byPlace.get(source === undefined ? "" : placePrefix(source)) ?? [] };
}

/** A rule's pattern as the paths of the listing are. */
export function placedPattern(pattern: string, source: FurtherSource | undefined): string {
  return source === undefined ? pattern : `${placePrefix(source)}${pattern}`;
}
