import {
  type FileIdentity,
  isNamedAs,
  type RecordFormat,
  type TableFormat,
  tableFormatOf,
} from "@shardmill/core";
import { type BesideRecords, guessBeside } from "./guess-beside.ts";
import { guessLoose, type LooseMedia } from "./guess-loose.ts";
import { type GuessedRule, guessLinkParts, guessParts } from "./guess-parts.ts";
import { guessRows } from "./guess-rows.ts";
import {
  bySize,
  type Columns,
  type GuessedRecords,
  idNames,
  imageNames,
  linkName,
  mediaNames,
} from "./guess-tables.ts";
import { findColumn, findText, guessText } from "./guess-text.ts";
import { guessTexts, type TextTable } from "./guess-texts.ts";

/** What archives of the listing, by path, and under "" its loose files were seen to hold. */
export type SeenInside = Readonly<
  Record<string, { readonly names: readonly string[]; readonly beside: BesideRecords }>
>;

interface Seen {
  readonly files: readonly FileIdentity[];
  readonly columns: Columns;
  readonly inside: SeenInside;
}

/** What the parts are and where the records: in the rows, beside links, beside their media, or in files of their own. */
export function guessRecords(seen: Seen): GuessedRecords {
  const { files, columns, inside } = seen;
  const rules = guessParts(files);
  const archives = rules.filter(({ archive }) => archive !== "parquet");
  const links = archives.length === 0 ? linkTables(files, columns) : null;
  if (links !== null) return guessLinks(links, columns);
  if (archives.length > 0)
    return guessTars(seen, archives) ?? guessFiles(seen, archives, archivedShape(inside));
  const loose = guessLoose(files);
  if (loose !== null && !holdsMedia(files, columns)) return guessLooseFiles(seen, loose);
  if (loose === null) {
    const texts = guessTexts(textTables(files, columns));
    if (texts !== null) return texts;
  }
  return rules.length === 0 ? guessFiles(seen, [], archivedShape(inside)) : guessRows(files, rules, columns);
}

/** Such a column speaks of something to look at, though nothing of it is here. */
const looked = /image|img|picture|photo|video|clip|frame|audio/i;

/** Tables that neither hold media nor name any, the largest first; one of a series that was not looked into is as its like. */
function textTables(files: readonly FileIdentity[], columns: Columns): TextTable[] {
  return bySize(files).flatMap((file) => {
    const format = tableFormatOf(file.path);
    const known = columns[file.path] ?? [];
    const isLooked = findColumn(known, mediaNames) !== undefined || known.some((name) => looked.test(name));
    return format === null || isLooked ? [] : [{ file, format, columns: known }];
  });
}

/** Tars as WebDataset's users have them, whatever tables lie beside them. */
function guessTars({ inside }: Seen, archives: readonly GuessedRule[]): GuessedRecords | null {
  const tars = archives.filter(({ archive }) => archive !== "zip");
  const beside = Object.entries(inside).flatMap(([path, found]) => (path === "" ? [] : found.beside));
  const guessed = tars.length === 0 ? null : guessBeside(beside);
  if (guessed === null) return null;
  return {
    rules: tars,
    draft: { media: mediaIn(inside), ...guessed },
    remarks: ["the records lie in the tars, beside their media"],
  };
}

/** What the archives that were looked into hold more of. */
function mediaIn(inside: SeenInside): "video" | "images" {
  const names = Object.entries(inside).flatMap(([path, found]) => (path === "" ? [] : found.names));
  const pictures = names.filter((name) => isNamedAs(name, "picture")).length;
  return pictures > names.filter((name) => isNamedAs(name, "video")).length ? "images" : "video";
}

function archivedShape(inside: SeenInside): FilesShape {
  return { media: mediaIn(inside), match: ["exact", "basename"] };
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
    const format = tableFormatOf(path);
    if (url === undefined || format === null || findColumn(known, imageNames) !== undefined) continue;
    return { tables: files.filter((file) => tableFormatOf(file.path) === format), format, url };
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

/** A parquet that lies beside media may be the table that names them, or hold pictures or clips of its own. */
function holdsMedia(files: readonly FileIdentity[], columns: Columns): boolean {
  const parquet = files.filter(({ path }) => tableFormatOf(path) === "parquet");
  return parquet.some(({ path }) => {
    const known = columns[path] ?? [];
    return findColumn(known, imageNames) !== undefined && findColumn(known, mediaNames) === undefined;
  });
}

/** Loose files are named with or without their folder, and with or without their extension. */
function guessLooseFiles(seen: Seen, { media, rule, remarks }: LooseMedia): GuessedRecords {
  const isNamed = seen.files.some(
    ({ path }) =>
      tableFormatOf(path) !== null && findColumn(seen.columns[path] ?? [], mediaNames) !== undefined,
  );
  const beside = isNamed ? null : guessBeside(seen.inside[""]?.beside ?? []);
  if (beside !== null) {
    const doubt = "the record of each lies beside it, under the same name";
    return { rules: [rule], draft: { media, ...beside }, remarks: [...remarks, doubt] };
  }
  const hasTable = seen.files.some(({ path }) => tableFormatOf(path) !== null);
  if (!hasTable && /\*\*$/.test(rule.path)) return guessClasses(media, rule, remarks);
  const guessed = guessFiles(seen, [rule], { media, match: ["exact", "basename", "stem"] });
  return { ...guessed, remarks: [...remarks, ...guessed.remarks] };
}

/** Nothing but folders: what a folder is called is what its pictures show. */
function guessClasses(
  media: LooseMedia["media"],
  rule: GuessedRule,
  remarks: readonly string[],
): GuessedRecords {
  return {
    rules: [rule],
    draft: { media, annotations: { kind: "beside" }, text: { adapter: "caption", caption: "folder" } },
    remarks: [
      ...remarks,
      "no table names them: the folder that each lies in is taken for its caption (text.caption)",
    ],
  };
}

interface FilesShape {
  readonly media: LooseMedia["media"];
  readonly match: readonly string[];
}

function guessFiles(
  { files, columns }: Seen,
  rules: readonly GuessedRule[],
  { media, match }: FilesShape,
): GuessedRecords {
  const candidates = bySize(files).filter(({ path }) => tableFormatOf(path) !== null);
  const keyOf = ({ path }: FileIdentity): string | undefined => findColumn(columns[path] ?? [], mediaNames);
  // The largest is the likeliest, unless a smaller one says by its columns that it names media.
  const chosen = candidates.find((file) => keyOf(file) !== undefined) ?? candidates[0];
  const key = chosen === undefined ? undefined : keyOf(chosen);
  const known = chosen === undefined ? [] : (columns[chosen.path] ?? []);
  const format: RecordFormat = chosen === undefined ? "csv" : (formatOf(chosen.path, known) ?? "csv");
  const remarks: string[] = [];
  if (chosen === undefined) remarks.push("no annotation file was found: fill in annotations.files");
  else if (key === undefined)
    remarks.push(`say which field of ${chosen.path} names the media (annotations.key)`);
  // Captions of COCO come as one file for each split.
  const alike = format === "coco" ? candidates.filter((file) => isAlike(file, known, columns)) : [];
  const used = new Set([chosen, ...alike]);
  const others = candidates.filter((file) => !used.has(file) && keyOf(file) !== undefined);
  if (others.length > 0)
    remarks.push(`${others.map(({ path }) => path).join(", ")} may hold records too (annotations.files)`);
  const bounds = media === "video" ? boundsOf(known) : undefined;
  if (format === "coco")
    remarks.push(
      "of several captions of one picture the first counts (recipe.records: each makes a sample of each)",
    );
  return {
    rules,
    draft: {
      media,
      annotations: {
        kind: "files",
        files: (chosen === undefined
          ? ["annotations.csv"]
          : [...used].flatMap((file) => file?.path ?? [])
        ).map((path) => ({ path, format })),
        key: key ?? "video",
        match,
        ...(bounds !== undefined || format === "coco" ? { duplicates: "all" } : {}),
      },
      ...(bounds === undefined ? {} : { bounds }),
      text: guessText(known),
    },
    remarks,
    lacks: lackOf(rules, chosen, known),
  };
}

/** In one line, what keeps a listing from being built. */
function lackOf(
  rules: readonly GuessedRule[],
  table: FileIdentity | undefined,
  columns: readonly string[],
): string | undefined {
  if (rules.length === 0)
    return "it holds no clip, picture, archive, parquet file or table of links, going by the endings of its files' names (.mp4, .jpg, .zip, .tar, .parquet)";
  if (table === undefined)
    return "nothing says what its media show: put a captions.csv with the columns file_name and text there, or beside each a .txt of its name";
  const has = columns.length === 0 ? "no column of it could be read" : `it has ${columns.join(", ")}`;
  if (findColumn(columns, mediaNames) === undefined)
    return `${table.path} names no media: expected a column such as file_name or video; ${has}`;
  return findText(columns) === null
    ? `${table.path} has no text: expected a column such as caption, text or conversations; ${has}`
    : undefined;
}

function boundsOf(columns: readonly string[]): { readonly start: string; readonly end: string } | undefined {
  const start = findColumn(columns, ["start", "start_time", "start_s", "start_sec", "begin"]);
  const end = findColumn(columns, ["end", "end_time", "end_s", "end_sec", "stop"]);
  return start === undefined || end === undefined ? undefined : { start, end };
}

/** A JSON file whose records have an image's id and file name is one of COCO's: no array has both. */
function formatOf(path: string, columns: readonly string[]): RecordFormat | null {
  const format = tableFormatOf(path);
  return format === "json" && columns.includes("image_id") && columns.includes("file_name") ? "coco" : format;
}

function isAlike({ path }: FileIdentity, known: readonly string[], columns: Columns): boolean {
  const own = columns[path] ?? [];
  return formatOf(path, own) === "coco" && findText(own)?.caption === findText(known)?.caption;
}
