import { nameForm } from "@shardmill/core";

/** What a pattern reads out of a path. */
interface PathMatch {
  /** As the path spells it. */
  readonly subset: string | null;
  readonly part: number | null;
  readonly piece: string | null;
  /** Length of a parquet series: the MMMMM of `-of-MMMMM`. */
  readonly of: number | null;
}

export interface PathPattern {
  readonly text: string;
  readonly placeholders: ReadonlySet<string>;
  match(path: string): PathMatch | null;
  /** The path for one part, for messages; what is not given stays a placeholder. */
  fill(values: { subset?: string | null; part?: number; piece?: string }): string;
}

/** Each placeholder and what it stands for. */
const shapes: Record<string, string> = {
  subset: "[^/]+?",
  part: "\\d{1,9}",
  piece: "[a-z]{2,4}|\\d{1,6}",
  of: "\\d{1,9}",
  hash: "[0-9a-f]+",
};

export const knownPlaceholders: readonly string[] = Object.keys(shapes);

/** `{name}` in a pattern, in order, known or not. */
export function placeholdersOf(text: string): string[] {
  return [...text.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? "");
}

/**
 * A pattern of the catalogue: placeholders, `*` for anything within a folder, `**` for anything, the rest to the letter,
 * in whichever of Unicode's spellings the path has it.
 */
export function pathPattern(text: string): PathPattern {
  const seen = new Set<string>();
  const source = nameForm(text)
    .split(/(\{[a-z]+\}|\*\*|\*)/)
    .map((piece) => expression(piece, seen))
    .join("");
  const regex = new RegExp(`^${source}$`);
  return {
    text,
    placeholders: seen,
    match: (path) => read(regex.exec(path) ?? regex.exec(nameForm(path))),
    fill: ({ subset, part, piece }) =>
      text
        .replaceAll("{subset}", subset ?? "{subset}")
        .replaceAll("{part}", part === undefined ? "{part}" : String(part))
        .replaceAll("{piece}", piece ?? "{piece}"),
  };
}

function expression(piece: string, seen: Set<string>): string {
  if (piece === "**") return ".*";
  if (piece === "*") return "[^/]*";
  const name = /^\{([a-z]+)\}$/.exec(piece)?.[1];
  const shape = name === undefined ? undefined : shapes[name];
  if (name === undefined || shape === undefined) return piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  // The same word twice, as in {subset}/{subset}_1.tar, must be the same text twice.
  if (seen.has(name)) return `\\k<${name}>`;
  seen.add(name);
  return `(?<${name}>${shape})`;
}

function read(match: RegExpExecArray | null): PathMatch | null {
  if (match === null) return null;
  const groups: Record<string, string | undefined> = match.groups ?? {};
  const number = (text: string | undefined): number | null => (text === undefined ? null : Number(text));
  return {
    subset: groups.subset ?? null,
    part: number(groups.part),
    piece: groups.piece ?? null,
    of: number(groups.of),
  };
}
