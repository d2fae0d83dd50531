import type { FileIdentity, TableFormat } from "@shardmill/core";
import { guessLoose, type LooseMedia } from "./guess-loose.ts";
import { type GuessedRule, guessLinkParts, guessParts } from "./guess-parts.ts";
import { findColumn, guessText } from "./guess-text.ts";

export interface GuessedRecords {
  readonly rules: readonly GuessedRule[];
  /** media, annotations, text, and what else the shape needs. */
  readonly draft: Readonly<Record<string, unknown>>;
  readonly remarks: readonly string[];
}

type Columns = Readonly<Record<string, readonly string[]>>;

const mediaNames = [
  ...[
    "video",
    "video_path",
    "videoid",
    "video_id",
    "image",
    "image_path",
    "file_name",
    "filename",
    "file",
    "path",
  ],
];
const imageNames = ["images", "image", "jpg", "img"];
const idNames = ["videoid", "video_id", "image_id", "id", "key", "uid", "hash"];
const linkName = /(^|[^a-z])(url|link|href)s?$|(content|image|video|photo|media)(url|link)$/i;

/** What the parts are and where the records: in the rows, beside links, or in files of their own. */
export function guessRecords(files: readonly FileIdentity[], columns: Columns): GuessedRecords {
  const rules = guessParts(files);
  const archives = rules.filter(({ archive }) => archive !== "parquet");
  const links = archives.length === 0 ? linkTables(files, columns) : null;
  if (links !== null) return guessLinks(links, columns);
  if (archives.length > 0) return guessFiles(files, archives, columns);
  const loose = guessLoose(files);
  if (loose !== null && !holdsPictures(files, columns)) return guessLooseFiles(files, loose, columns);
  return rules.length === 0 ? guessFiles(files, [], columns) : guessRows(files, rules, columns);
}

function tableFormat(path: string): TableFormat | null {
  const extension = /\.(csv|json|jsonl|parquet)$/i.exec(path)?.[1]?.toLowerCase();
  return extension === "csv" || extension === "json" || extension === "jsonl" || extension === "parquet"
    ? extension
    : null;
}

interface LinkTables {
  readonly tables: readonly FileIdentity[];
  readonly format: TableFormat;
  readonly url: string;
}

/** Tables of one format, one of which was looked into and has links, and no pictures of its own. */
function linkTables(files: readonly FileIdentity[], columns: Columns): LinkTables | null {
  for (const { path } of bySize(files)) {
    const known = columns[path] ?? [];
    const url = known.find((name) => linkName.test(name));
    const format = tableFormat(path);
    if (url === undefined || format === null || findColumn(known, imageNames) !== undefined) continue;
    return { tables: files.filter((file) => tableFormat(file.path) === format), format, url };
  }
  return null;
}

function guessLinks({ tables, format, url }: LinkTables, columns: Columns): GuessedRecords {
  const known = tables.flatMap(({ path }) => columns[path] ?? []);
  const id = findColumn(known, idNames);
  const isVideo = /video|clip/i.test([url, ...known].join(" "));
  return {
    rules: guessLinkParts(tables),
    draft: {
      media: isVideo ? "video" : "images",
      annotations: { kind: "links", format, url, ...(id === undefined ? {} : { id }) },
      text: guessText(known),
      recipe: { limits: { maxBytes: 268_435_456 } },
      maxFailureShare: 1,
    },
    remarks: [
      `${url} holds links: a build fetches them from where they lead; many will be dead, so maxFailureShare is 1`,
      `the links are taken to be of ${isVideo ? "videos" : "pictures"} (media)`,
    ],
  };
}

function guessRows(
  files: readonly FileIdentity[],
  rules: readonly GuessedRule[],
  columns: Columns,
): GuessedRecords {
  const known = files.flatMap(({ path }) => (tableFormat(path) === "parquet" ? (columns[path] ?? []) : []));
  const images = findColumn(known, imageNames);
  const doubt =
    images === undefined
      ? "the records are taken to be in the parquet rows; name the column of images and the text adapter"
      : `the records are taken to be in the parquet rows, their pictures in ${images}`;
  return {
    rules,
    draft: {
      media: "images",
      annotations: { kind: "inline", images: images ?? "images" },
      text:
        known.length > 0 ? guessText(known) : { adapter: "conversations", conversations: "conversations" },
    },
    remarks: [doubt],
  };
}

/** A parquet that lies beside media may be the table that names them, or hold pictures of its own. */
function holdsPictures(files: readonly FileIdentity[], columns: Columns): boolean {
  const parquet = files.filter(({ path }) => tableFormat(path) === "parquet");
  return parquet.some(({ path }) => {
    const known = columns[path] ?? [];
    return findColumn(known, imageNames) !== undefined && findColumn(known, mediaNames) === undefined;
  });
}

/** Loose files are named with or without their folder, and with or without their extension. */
function guessLooseFiles(
  files: readonly FileIdentity[],
  { media, rule, remarks }: LooseMedia,
  columns: Columns,
): GuessedRecords {
  const guessed = guessFiles(files, [rule], columns, { media, match: ["exact", "basename", "stem"] });
  return { ...guessed, remarks: [...remarks, ...guessed.remarks] };
}

interface FilesShape {
  readonly media: LooseMedia["media"];
  readonly match: readonly string[];
}

function guessFiles(
  files: readonly FileIdentity[],
  rules: readonly GuessedRule[],
  columns: Columns,
  { media, match }: FilesShape = { media: "video", match: ["exact", "basename"] },
): GuessedRecords {
  const candidates = bySize(files).filter(({ path }) => tableFormat(path) !== null);
  const keyOf = ({ path }: FileIdentity): string | undefined => findColumn(columns[path] ?? [], mediaNames);
  // The largest is the likeliest, unless a smaller one says by its columns that it names media.
  const chosen = candidates.find((file) => keyOf(file) !== undefined) ?? candidates[0];
  const key = chosen === undefined ? undefined : keyOf(chosen);
  const remarks: string[] = [];
  if (chosen === undefined) remarks.push("no annotation file was found: fill in annotations.files");
  else if (key === undefined)
    remarks.push(`say which field of ${chosen.path} names the media (annotations.key)`);
  const others = candidates.filter((file) => file !== chosen && keyOf(file) !== undefined);
  if (others.length > 0)
    remarks.push(`${others.map(({ path }) => path).join(", ")} may hold records too (annotations.files)`);
  const format = chosen === undefined ? "csv" : (tableFormat(chosen.path) ?? "csv");
  return {
    rules,
    draft: {
      media,
      annotations: {
        kind: "files",
        files: [{ path: chosen?.path ?? "annotations.csv", format }],
        key: key ?? "video",
        match,
      },
      text: guessText(chosen === undefined ? [] : (columns[chosen.path] ?? [])),
    },
    remarks,
  };
}

function bySize(files: readonly FileIdentity[]): FileIdentity[] {
  return files.toSorted((a, b) => b.sizeBytes - a.sizeBytes);
}
