import { type AnnotationFileFound, type Dataset, type FileIdentity, subsetNameOf } from "@shardmill/core";
import { type ListedFiles, placedPattern } from "./listed-files.ts";
import { pathPattern } from "./path-pattern.ts";

/** Annotation files in the order of the catalogue, then of their names: the order that decides which duplicate is first. */
export function findAnnotationFiles(
  dataset: Dataset,
  listed: ListedFiles,
  remarks: string[],
): AnnotationFileFound[] {
  if (dataset.annotations.kind !== "files") return [];
  const { source } = dataset.annotations;
  const files: readonly FileIdentity[] = listed.of(source);
  const found: AnnotationFileFound[] = [];
  const taken = new Set<string>();
  for (const rule of dataset.annotations.files) {
    const path = placedPattern(rule.path, source);
    const pattern = pathPattern(path);
    const before = found.length;
    for (const file of files) {
      const match = taken.has(file.path) ? null : pattern.match(file.path);
      if (match === null) continue;
      taken.add(file.path);
      const { set, format } = rule;
      const named = match.subset === null ? rule.subsets : [match.subset];
      const subsets = named?.map((name) => subsetNameOf(dataset, name)) ?? [null];
      found.push(...subsets.map((subset) => ({ file, subset, set, format })));
    }
    if (found.length === before && !rule.optional) remarks.push(`no annotation file is named like ${path}`);
  }
  return found;
}
