import type { FileIdentity } from "@shardmill/core";
import type { WantedFile } from "./wanted-file.ts";

/** What a repository lacks, and what it has that it should not. */
export interface Difference {
  readonly send: readonly WantedFile[];
  readonly there: readonly WantedFile[];
  /** Paths of an earlier push that are wanted no more. */
  readonly remove: readonly string[];
  /** Tars that are not of this output: they stay, and its lists do not name them. */
  readonly others: readonly string[];
}

/** `lists`: every list that an output of any form has, so that one of another form goes. */
export function compareTree(
  wanted: readonly WantedFile[],
  tree: readonly FileIdentity[],
  { dataset, lists }: { readonly dataset: string; readonly lists: readonly string[] },
): Difference {
  const found = new Map(tree.map((file) => [file.path, file]));
  const paths = new Set(wanted.map(({ path }) => path));
  const isThere = (file: WantedFile): boolean => isSame(file, found.get(file.path));
  const isOurs = (path: string): boolean => lists.includes(path) || isOfShard(path, dataset);
  const unwanted = tree.map(({ path }) => path).filter((path) => !paths.has(path));
  return {
    send: wanted.filter((file) => !isThere(file)),
    there: wanted.filter(isThere),
    remove: unwanted.filter(isOurs).sort(),
    others: unwanted.filter((path) => path.endsWith(".tar") && !isOurs(path)).sort(),
  };
}

/** Small files that git keeps itself have no sha256 in the tree. */
export function isSame({ sha256, oid }: WantedFile, found: FileIdentity | undefined): boolean {
  if (found === undefined) return false;
  return found.sha256 === null ? oid !== null && found.oid === oid : found.sha256 === sha256;
}

/** Only names that this output's shards have, where a push puts them: what else lies in the repository is somebody's own. */
function isOfShard(path: string, dataset: string): boolean {
  const [, folder, name] = /^(?:dali\/)?(?:([^/]+)\/)?([^/]+?)\.(?:tar|tar\.idx|idx)$/.exec(path) ?? [];
  const isOurs = (name ?? "").startsWith(`${dataset}-`);
  const isPart = /^(?:[a-z0-9_-]+-)?p\d{4,}-(?:\d{4,}|r\d{2,})$/.test((name ?? "").slice(dataset.length + 1));
  const isFolder =
    folder === undefined || folder === "dali" || /^(?:[a-z0-9_-]+-)?p\d{4,}-(?:\d+|r)$/.test(folder);
  return isOurs && isPart && isFolder;
}
