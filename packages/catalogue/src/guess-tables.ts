import type { FileIdentity } from "@shardmill/core";
import type { GuessedRule } from "./guess-parts.ts";

/** What is drafted of an entry's records, and the parts that they are of. */
export interface GuessedRecords {
  readonly rules: readonly GuessedRule[];
  /** media, annotations, text, and what else the shape needs. */
  readonly draft: Readonly<Record<string, unknown>>;
  readonly remarks: readonly string[];
  /** What is missing without which nothing can be built, in one line. */
  readonly lacks?: string | undefined;
}

/** Columns or first record's fields of the tables that were looked into, by path. */
export type Columns = Readonly<Record<string, readonly string[]>>;

export const mediaNames = [
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
export const imageNames = ["images", "image", "jpg", "img", "picture"];
export const clipNames = ["video", "videos", "mp4", "clip"];
export const idNames = ["videoid", "video_id", "image_id", "id", "key", "uid", "hash"];
export const linkName = /(^|[^a-z])(url|link|href)s?$|(content|image|video|photo|media)(url|link)$/i;

/** The largest first. */
export function bySize(files: readonly FileIdentity[]): FileIdentity[] {
  return files.toSorted((a, b) => b.sizeBytes - a.sizeBytes);
}
