import { z } from "zod";
import { hashOf } from "./canonical-json.ts";

/** Where a dataset's files are. */

const hub = {
  repo: z.string().regex(/^[\w.-]+\/[\w.-]+$/, "expected owner/name"),
  revision: z.string().default("main"),
};
const http = { base: z.url({ protocol: /^https?$/ }), files: z.array(z.string()).min(1) };

export const sourceSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("hub"), ...hub }),
  z.strictObject({ kind: z.literal("http"), ...http }),
  /** No default place: the user gives --source DIR. */
  z.strictObject({ kind: z.literal("folder") }),
]);

/** A further place, of records or of some parts. `--source` speaks of the dataset's own, so that a folder has its path here. */
export const furtherSourceSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("hub"), ...hub }),
  z.strictObject({ kind: z.literal("http"), ...http }),
  z.strictObject({
    kind: z.literal("folder"),
    path: z.string().regex(/^([/\\]|[A-Za-z]:[/\\])/, "expected an absolute path"),
  }),
]);
export type FurtherSource = z.output<typeof furtherSourceSchema>;

/** A further place as a build opened it. */
export const recordedPlaceSchema = z.object({
  /** What the paths of its files begin with. */
  prefix: z.string(),
  kind: z.enum(["hub", "folder", "http"]),
  name: z.string(),
  revision: z.string().nullable(),
  /** As of the build's own source. */
  location: z.string(),
});
export type RecordedPlace = z.output<typeof recordedPlaceSchema>;

/**
 * What the paths of a further place's files begin with, wherever files of several places are listed together: no two places share it,
 * and it says to a person where the file is.
 */
export function placePrefix(source: FurtherSource): string {
  switch (source.kind) {
    case "hub":
      return `${source.repo}@${source.revision}:`;
    case "http":
      return `${new URL(source.base).hostname}-${hashOf({ ...source }).slice(0, 8)}:`;
    case "folder": {
      const last = source.path.split(/[/\\]/).findLast((word) => word !== "") ?? "folder";
      return `${last.replace(/[^\p{L}\p{N}._-]/gu, "_")}-${hashOf({ ...source }).slice(0, 8)}:`;
    }
    default:
      return source satisfies never;
  }
}

/** The part of an entry that names places. */
interface Placed {
  readonly annotations?: { readonly kind: string; readonly source?: FurtherSource | undefined };
  readonly parts: readonly { readonly source?: FurtherSource | undefined }[];
}

/** The further places that an entry names, each once, by what their files' paths begin with. */
export function furtherSources({ annotations, parts }: Placed): ReadonlyMap<string, FurtherSource> {
  const named = [annotations?.source, ...parts.map(({ source }) => source)];
  return new Map(
    named.flatMap((source): [string, FurtherSource][] =>
      source === undefined ? [] : [[placePrefix(source), source]],
    ),
  );
}

/** A listed path as its own place has it. */
export function pathInPlace(placed: Placed, path: string): string {
  const prefix = [...furtherSources(placed).keys()].find((one) => path.startsWith(one)) ?? "";
  return path.slice(prefix.length);
}
