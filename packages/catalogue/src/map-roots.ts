import { nameForm } from "@shardmill/core";

/** Prefixes of media names and the local folders that stand for them, as the user's config has them under `roots:`. */
export type Roots = Readonly<Record<string, string>>;

export interface MappedMedia {
  readonly prefix: string;
  readonly folder: string;
  /** Paths inside the folder, in the spelling of core/name-form.ts and in the order to try: as named after the prefix, then flattened to the file name. */
  readonly candidates: readonly string[];
}

/** Where a record's media may be on this machine; null where no root speaks of it. The longest prefix counts. */
export function mapRoots(roots: Roots, media: string): MappedMedia | null {
  let prefix: string | null = null;
  for (const candidate of Object.keys(roots))
    if (nameForm(media).startsWith(nameForm(candidate)) && candidate.length > (prefix?.length ?? -1))
      prefix = candidate;
  const folder = prefix === null ? undefined : roots[prefix];
  if (prefix === null || folder === undefined) return null;
  const words = nameForm(media)
    .slice(nameForm(prefix).length)
    .split(/[/\\]/)
    .filter((word) => word !== "" && word !== ".");
  // A record is outside data: it must not lead out of the user's folder.
  if (words.length === 0 || words.some((word) => word === ".." || word.includes("\0"))) return null;
  const full = words.join("/");
  const flat = words.at(-1) ?? full;
  return { prefix, folder, candidates: flat === full ? [full] : [full, flat] };
}
