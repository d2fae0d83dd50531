import { type FileIdentity, slug, subsetWord } from "@shardmill/core";
import { stringify } from "yaml";
import { guessRecords, type SeenInside } from "./guess-records.ts";

export interface DraftInput {
  /** `owner/name` of a Hub repository, or a folder's name. */
  readonly title: string;
  readonly source: { readonly kind: "hub"; readonly repo: string } | { readonly kind: "folder" };
  readonly files: readonly FileIdentity[];
  /** Columns or first record's fields of tables that were looked into, by path. */
  readonly columns?: Readonly<Record<string, readonly string[]>>;
  /** What archives that were looked into hold, by path; under "" what lies beside loose media. */
  readonly inside?: SeenInside;
}

export interface DraftedDataset {
  readonly name: string;
  readonly yaml: string;
  /** What was guessed and what a person must still decide. */
  readonly remarks: readonly string[];
  /** What is missing without which it cannot be built, in one line. */
  readonly lacks: string | undefined;
}

/** Names that hold letters of which a slug keeps nothing are told apart by a word made from their hash. */
function entryName(title: string): string {
  const word = slug(title).replaceAll("_", "-");
  const lost = title.replace(/[^\p{L}\p{N}]/gu, "").replace(/[a-z0-9]/gi, "");
  if (lost !== "") return `${word || "data"}-${subsetWord(lost)}`;
  return word || "my-dataset";
}

/** A first draft of a catalogue entry from a listing: a shape to correct, not an answer. */
export function draftDataset(input: DraftInput): DraftedDataset {
  const name = entryName(input.title.slice(input.title.lastIndexOf("/") + 1));
  const { files, columns = {}, inside = {} } = input;
  const { rules, draft: records, remarks: doubts, lacks } = guessRecords({ files, columns, inside });
  const remarks = rules.map(({ archive, path, files, subsets }) => {
    if (archive === "images") return `${files} files lie one by one, like ${path}: one part`;
    return `${files} ${archive} files look like ${path}${subsets.length > 0 ? ` in ${subsets.length} subsets` : ""}`;
  });
  if (rules.length === 0) remarks.push("no archive was found: fill in parts");
  remarks.push(...doubts);
  remarks.push("license, citation and title are yours to fill in");
  const draft = {
    name,
    title: input.title,
    keyPrefix: name.slice(0, 20).replace(/-+$/, ""),
    sourceName: rules.some(({ path, subset }) => subset !== undefined || path.includes("{subset}"))
      ? `${name}/{subset}`
      : name,
    license: "unknown",
    source: input.source,
    parts: rules.map(({ archive, path, pieces, subsets, subset }) => ({
      archive,
      path,
      ...(pieces === null ? {} : { pieces }),
      ...(subsets.length > 0 ? { subsets } : {}),
      ...(subset === undefined ? {} : { subset }),
    })),
    ...records,
  };
  const comments = remarks.map((remark) => `# ${remark}\n`).join("");
  return {
    name,
    yaml: `# Drafted from the listing; check every line, then: shardmill datasets add\n${comments}${stringify(draft)}`,
    remarks,
    lacks,
  };
}
