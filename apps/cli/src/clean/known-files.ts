import { parseTemporaryName, recordPaths } from "@shardmill/store";

/** What can be removed apart from the rest, and what only goes with its build; `unknown` is never touched. */
export const cleanable = [
  "build",
  "supplements",
  "indexes",
  "logs",
  "temporaries",
  "drafts",
  "overlaps",
  "cache",
] as const;
export type Cleanable = (typeof cleanable)[number];

export type FileKind =
  | "shards"
  | "supplements"
  | "lists"
  | "records"
  | "indexes"
  | "logs"
  | "temporaries"
  | "unknown";

/** Lists and indexes that the end of a build writes beside its shards. */
const lists = new Set([
  ...["shardlist.txt", "shardindex.json", "withdrawn.txt", "build.json", "README.md"],
  ...[".info.json", "split.yaml", "dataset.yaml", "dataset-typed.yaml", "interleaved_loader.py"].map(
    (name) => `.nv-meta/${name}`,
  ),
]);

const furtherRecords = ["links", "logs", "tokenizers", "hashes.json", "terms.json", "split.json"];

/** What a file of an output is, by its path in the root. */
export function kindOfFile(output: string, path: string, supplements: ReadonlySet<string>): FileKind {
  const paths = recordPaths(output);
  const within = path.slice(output.length + 1);
  if (within.split("/").some((word) => parseTemporaryName(word) !== null)) return "temporaries";
  if (path.startsWith(`${paths.records}/`)) return kindOfRecord(output, path);
  if (lists.has(within)) return "lists";
  const [, shard] = /^(?:dali\/)?([^/]+?)(?:\.tar|\.tar\.idx|\.idx)$/.exec(within) ?? [];
  if (shard?.startsWith(`${output}-`) !== true) return "unknown";
  return supplements.has(shard) ? "supplements" : "shards";
}

function kindOfRecord(output: string, path: string): FileKind {
  const paths = recordPaths(output);
  if (path.startsWith(`${paths.records}/logs/`)) return "logs";
  // Of shards that are not committed: what is in them can be made again.
  if (path.startsWith(`${paths.drafts}/`)) return "temporaries";
  // The index itself: what indexing gave is a small record, which the books go by.
  if (path.startsWith(`${paths.annotations}/`)) return path.endsWith(".json") ? "records" : "indexes";
  // What is worked out again from the source or the tars when it is asked for.
  if (path === `${paths.records}/hashes.json` || path.startsWith(`${paths.records}/prints/`))
    return "indexes";
  const known = Object.values(paths).filter((value) => typeof value === "string");
  const names = new Set([...known.map((value) => value.slice(paths.records.length + 1)), ...furtherRecords]);
  const [first = ""] = path.slice(paths.records.length + 1).split("/");
  return names.has(first) ? "records" : "unknown";
}
