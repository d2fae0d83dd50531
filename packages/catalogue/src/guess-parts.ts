import { type ArchiveKind, type FileIdentity, naturalOrder, slug } from "@shardmill/core";

export interface GuessedRule {
  readonly archive: ArchiveKind;
  readonly path: string;
  readonly pieces: string | null;
  readonly subsets: readonly string[];
  /** Where several rules could name parts of one number and no path tells them apart. */
  readonly subset?: string | undefined;
  readonly files: number;
}

interface Shape {
  readonly archive: ArchiveKind;
  readonly path: string;
  readonly subset: string | null;
  readonly isPiece: boolean;
}

/** Archives of a listing as part rules: names that differ only in a number, in a folder, or in a piece's letters. */
export function guessParts(files: readonly FileIdentity[]): GuessedRule[] {
  return guessRules(files, archiveOf);
}

/** Tables of links: each a part. */
export function guessLinkParts(tables: readonly FileIdentity[]): GuessedRule[] {
  return guessRules(tables, () => "urls");
}

/** Tables whose rows are samples: each a part. */
export function guessTableParts(tables: readonly FileIdentity[]): GuessedRule[] {
  return guessRules(tables, () => "table");
}

function guessRules(
  files: readonly FileIdentity[],
  kindOf: (path: string) => ArchiveKind | null,
): GuessedRule[] {
  const byPath = new Map<string, Shape[]>();
  for (const { path } of files) {
    const shape = shapeOf(path, kindOf(path));
    if (shape !== null) byPath.set(shape.path, [...(byPath.get(shape.path) ?? []), shape]);
  }
  const rules: GuessedRule[] = [];
  for (const [path, shapes] of byPath) {
    const [first] = shapes;
    if (first === undefined) continue;
    // Pieces belong to the rule of the whole files; where every part is in pieces there is none but their own.
    const whole = first.isPiece ? wholePath(path) : path;
    if (first.isPiece && byPath.has(whole)) continue;
    const piece = [...byPath.keys()].find((other) => isPieceOf(other, whole));
    const subsets = [...new Set(shapes.map(({ subset }) => subset).filter((subset) => subset !== null))];
    rules.push({
      archive: first.archive,
      path: whole,
      pieces: piece ?? null,
      subsets: subsets.sort(naturalOrder),
      files: shapes.length + (piece === undefined || piece === path ? 0 : (byPath.get(piece)?.length ?? 0)),
    });
  }
  return toldApart(rules.sort((a, b) => b.files - a.files));
}

/** `train2017.zip` and `val2017.zip` are parts of two subsets: as parts of one number the second would be lost. */
function toldApart(rules: readonly GuessedRule[]): GuessedRule[] {
  const alone = rules.filter(({ path }) => !path.includes("{subset}"));
  if (alone.length < 2) return [...rules];
  const taken = new Set<string>();
  return rules.map((rule) => {
    if (rule.path.includes("{subset}")) return rule;
    const word = slug(rule.path.replace(/\.[^{}]*$/, "").replace(/\{[^}]*\}/g, " ")) || rule.archive;
    const subset = taken.has(word) ? `${word}-${taken.size}` : word;
    taken.add(subset);
    return { ...rule, subset };
  });
}

/** `v_0.zip.001`, `v_0.tar.partaa`: the archive's name, what is between, and the piece. */
const numberedPiece = /^(.*\.(?:zip|tar|tar\.gz|tgz))([._-]?(?:part_?)?)(?:\d{1,6}|(?<=part_?)[a-z]{2})$/i;

function shapeOf(path: string, archive: ArchiveKind | null): Shape | null {
  const [, whole = "", between = ""] = archive === null ? (numberedPiece.exec(path) ?? []) : [];
  const shape = whole === "" ? null : shapeOf(whole, archiveOf(whole));
  if (shape !== null) return { ...shape, path: `${shape.path}${between}{piece}`, isPiece: true };
  const piece = /^(.*\d[._-]?(?:part_?)?)([a-z]{2})$/.exec(path);
  if (archive === null && piece === null) return null;
  const [folder = "", ...rest] = path.includes("/") ? path.split("/") : [""];
  const hasFolder = path.includes("/");
  const file = hasFolder ? rest.join("/") : path;
  const shaped = piece === null ? numbered(file, folder) : pieced(file, folder);
  const inSubset = hasFolder ? `{subset}/${shaped}` : shaped;
  return {
    archive: archive ?? "zip",
    path: inSubset,
    subset: hasFolder ? folder : null,
    isPiece: piece !== null,
  };
}

function archiveOf(path: string): ArchiveKind | null {
  if (/\.(tar\.gz|tgz)$/i.test(path)) return "tar.gz";
  const extension = /\.(zip|tar|parquet)$/i.exec(path)?.[1]?.toLowerCase();
  return extension === "zip" || extension === "tar" || extension === "parquet" ? extension : null;
}

/** The last number becomes {part}; a parquet series keeps its total and hash as placeholders. */
function numbered(file: string, folder: string): string {
  const series = /^(.*?)\d+-of-\d+(-[0-9a-f]{16})?(\.parquet)$/i.exec(file);
  if (series !== null)
    return `${series[1]}{part}-of-{of}${series[2] === undefined ? "" : "-{hash}"}${series[3]}`;
  const [, before = "", after = ""] = /^(.*?)\d+(\D*)$/.exec(file) ?? [];
  if (before === "" && after === "") return withSubset(file, folder);
  return `${withSubset(before.replace(/\d+$/, ""), folder)}{part}${after}`;
}

function pieced(file: string, folder: string): string {
  const [, before = "", between = ""] = /^(.*?)\d+(\D*?)[a-z]{2}$/.exec(file) ?? [];
  return `${withSubset(before, folder)}{part}${between}{piece}`;
}

function withSubset(text: string, folder: string): string {
  return folder === "" ? text : text.replaceAll(folder, "{subset}");
}

/** `x{part}_part{piece}` is taken to be `x{part}.zip` in pieces, as `split -b` of a large zip leaves it. */
function wholePath(pieces: string): string {
  return wholeName(pieces) ?? `${pieces.slice(0, pieces.indexOf("{part}"))}{part}.zip`;
}

/** `x{part}.tar.{piece}` names its whole itself. */
function wholeName(pieces: string): string | null {
  return /^(.*\.(?:zip|tar|tar\.gz|tgz))[._-]?(?:part_?)?\{piece\}$/i.exec(pieces)?.[1] ?? null;
}

/** `x{part}_part{piece}` belongs to `x{part}.zip`. */
function isPieceOf(pieces: string, path: string): boolean {
  const stem = path.slice(0, path.indexOf("{part}") + "{part}".length);
  if (wholeName(pieces) === path) return true;
  return pieces.endsWith("{piece}") && path.includes("{part}") && pieces.startsWith(stem);
}
