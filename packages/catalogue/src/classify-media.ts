import { type Dataset, nameForm } from "@shardmill/core";

/**
 * Where the media of a record is:
 * hosted: seen in a part. local: not hosted, and a root of the user's holds it. external, mixed: listed so, or hosted
 * by a subset that has no part. expected: its subset has parts that have not all been read. absent_in_parts: they have
 * been, and it is in none. unknown: nothing tells.
 */
export type MediaPlace =
  | "hosted"
  | "expected"
  | "absent_in_parts"
  | "external"
  | "mixed"
  | "local"
  | "unknown";

/** What is known of the parts and of the user's folders; each a plain question. */
export interface MediaFacts {
  /** Has this subset parts in the listing, and have all been read? */
  partsOf(subset: string | null): "none" | "unread" | "read";
  isSeen(subset: string | null, media: string): boolean;
  isLocal(media: string): boolean;
}

export interface MediaOrigin {
  readonly place: MediaPlace;
  /** The catalogue's prefix that applies; else the first folder of the name. */
  readonly prefix: string;
  readonly upstream: string | null;
  readonly remedy: string;
}

/** What was seen decides; then what the catalogue lists; then whether the subset has parts at all. */
export function classifyMedia(
  dataset: Dataset,
  { subset, media }: { readonly subset: string | null; readonly media: string },
  facts: MediaFacts,
): MediaOrigin {
  const listed = longestPrefix(dataset, media);
  const slash = media.indexOf("/");
  const prefix = listed?.prefix ?? (slash < 0 ? "" : media.slice(0, slash + 1));
  const place = placeOf(subset, media, listed?.hosting ?? null, facts);
  return { place, prefix, upstream: listed?.upstream ?? null, remedy: listed?.remedy ?? "" };
}

function placeOf(
  subset: string | null,
  media: string,
  hosting: "hosted" | "external" | "mixed" | null,
  facts: MediaFacts,
): MediaPlace {
  if (facts.isSeen(subset, media)) return "hosted";
  if (facts.isLocal(media)) return "local";
  if (hosting === "external" || hosting === "mixed") return hosting;
  const parts = facts.partsOf(subset);
  if (parts === "read") return "absent_in_parts";
  if (parts === "unread") return "expected";
  return hosting === null ? "unknown" : "external";
}

function longestPrefix(dataset: Dataset, media: string): Dataset["provenance"][number] | null {
  let longest: Dataset["provenance"][number] | null = null;
  for (const rule of dataset.provenance)
    if (
      nameForm(media).startsWith(nameForm(rule.prefix)) &&
      rule.prefix.length > (longest?.prefix.length ?? -1)
    )
      longest = rule;
  return longest;
}
