import type { ArchiveKind, FileIdentity } from "@shardmill/core";
import { slug } from "@shardmill/core";
import { stringify } from "yaml";
import { type GuessedRule, guessParts } from "./guess-parts.ts";

export interface DraftInput {
  /** `owner/name` of a Hub repository, or a folder's name. */
  readonly title: string;
  readonly source: { readonly kind: "hub"; readonly repo: string } | { readonly kind: "folder" };
  readonly files: readonly FileIdentity[];
  /** Columns or first record's fields of annotation files that were looked into, by path. */
  readonly columns?: Readonly<Record<string, readonly string[]>>;
}

export interface DraftedDataset {
  readonly yaml: string;
  /** What was guessed and what a person must still decide. */
  readonly remarks: readonly string[];
}

const mediaNames = [
  "video",
  "video_path",
  "videoid",
  "video_id",
  "image",
  "image_path",
  "file_name",
  "file",
  "path",
];
const captionNames = ["caption", "text", "name", "description"];

/** A first draft of a catalogue entry from a listing: a shape to correct, not an answer. */
export function draftDataset(input: DraftInput): DraftedDataset {
  const name = slug(input.title.slice(input.title.lastIndexOf("/") + 1)).replaceAll("_", "-") || "my-dataset";
  const rules = guessParts(input.files);
  const remarks = rules.map(
    ({ archive, path, files, subsets }) =>
      `${files} ${archive} files look like ${path}${subsets.length > 0 ? ` in ${subsets.length} subsets` : ""}`,
  );
  if (rules.length === 0) remarks.push("no archive was found: fill in parts");
  const annotations = guessAnnotations(input, rules, remarks);
  remarks.push("license, citation and title are yours to fill in");
  const draft = {
    name,
    title: input.title,
    keyPrefix: name.slice(0, 20).replace(/-+$/, ""),
    sourceName: rules.some(({ path }) => path.includes("{subset}")) ? `${name}/{subset}` : name,
    license: "unknown",
    source: input.source,
    parts: rules.map(({ archive, path, pieces, subsets }) => ({
      archive,
      path,
      ...(pieces === null ? {} : { pieces }),
      ...(subsets.length > 0 ? { subsets } : {}),
    })),
    ...annotations,
  };
  const comments = remarks.map((remark) => `# ${remark}\n`).join("");
  return {
    yaml: `# Drafted from the listing; check every line, then: shardmill datasets add\n${comments}${stringify(draft)}`,
    remarks,
  };
}

function guessAnnotations(
  { files, columns = {} }: DraftInput,
  rules: readonly GuessedRule[],
  remarks: string[],
): Record<string, unknown> {
  const inline: ArchiveKind = "parquet";
  if (rules.length > 0 && rules.every(({ archive }) => archive === inline)) {
    remarks.push(
      "the records are taken to be in the parquet rows; name the column of images and the text adapter",
    );
    return {
      media: "images",
      annotations: { kind: "inline", images: "images" },
      text: { adapter: "conversations", conversations: "conversations" },
    };
  }
  const candidates = files.filter(({ path }) => /\.(csv|json|jsonl)$/i.test(path));
  const [largest] = [...candidates].sort((a, b) => b.sizeBytes - a.sizeBytes);
  const known = largest === undefined ? [] : (columns[largest.path] ?? []);
  const key = mediaNames.find((name) => known.includes(name));
  const caption = captionNames.find((name) => known.includes(name));
  if (largest === undefined) remarks.push("no annotation file was found: fill in annotations.files");
  else if (key === undefined)
    remarks.push(`say which field of ${largest.path} names the media (annotations.key)`);
  const extension = largest?.path.slice(largest.path.lastIndexOf(".") + 1).toLowerCase() ?? "csv";
  return {
    media: "video",
    annotations: {
      kind: "files",
      files: [{ path: largest?.path ?? "annotations.csv", format: extension }],
      key: key ?? "video",
      match: ["exact", "basename"],
    },
    text: known.includes("conversations")
      ? { adapter: "conversations", conversations: "conversations" }
      : { adapter: "caption", caption: caption ?? "caption" },
  };
}
