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

/** By what a file in the repository is known to be of this output. */
export interface OwnNames {
  readonly dataset: string;
  /** Paths of every list that an output of any form has, so that one of another form goes. */
  readonly lists: readonly string[];
  /** Of its parts: without them, shards of `toy-ai2d` could be shards of a subset `ai2d` of `toy`. */
  readonly subsets: ReadonlySet<string>;
}

export function compareTree(
  wanted: readonly WantedFile[],
  tree: readonly FileIdentity[],
  { dataset, lists, subsets }: OwnNames,
): Difference {
  const found = new Map(tree.map((file) => [file.path, file]));
  const paths = new Set(wanted.map(({ path }) => path));
  const isThere = (file: WantedFile): boolean => isSame(file, found.get(file.path));
  const isOurs = (path: string): boolean => lists.includes(path) || isOfShard(path, dataset, subsets);
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
function isOfShard(path: string, dataset: string, subsets: ReadonlySet<string>): boolean {
  const [, folder, name = ""] = /^(?:dali\/)?(?:([^/]+)\/)?([^/]+?)\.(?:tar|tar\.idx|idx)$/.exec(path) ?? [];
  if (!name.startsWith(`${dataset}-`)) return false;
  const isOwn = (found: RegExpExecArray | null): boolean =>
    found !== null && (found[1] === undefined || subsets.has(found[1]));
  const isFolder =
    folder === undefined || folder === "dali" || isOwn(/^(?:(.+)-)?p\d{4,}-(?:\d+|r)$/.exec(folder));
  return isFolder && isOwn(/^(?:(.+)-)?p\d{4,}-(?:\d{4,}|r\d{2,})$/.exec(name.slice(dataset.length + 1)));
}
