import type { MediaFacts } from "@shardmill/catalogue";
import { Failure, keyAt, type LedgerLine, mediaName, nameForm } from "@shardmill/core";
import { annotationIndexOf } from "../annotations/annotation-index.ts";
import { readPartLines } from "../books/part-lines.ts";
import type { BuildContext } from "../context/build-context.ts";
import { findRootFile } from "./find-root-file.ts";
import { readRootCuts } from "./root-cuts.ts";

/** How many names are looked up in the annotations at once. */
const lookupSize = 5_000;

/** A subset whose annotations or parts' records could not be read: what its parts hold is not known. */
export interface UnreadSubset {
  readonly subset: string | null;
  readonly failure: Failure;
}

export interface GatheredFacts extends MediaFacts {
  readonly unread: readonly UnreadSubset[];
}

/**
 * What the parts that have been read hold, and what the user's roots do. Parts of a subset whose annotations or ledgers
 * cannot be read count as unread, and the other subsets are looked at all the same.
 */
export async function gatherMediaFacts(context: BuildContext, signal: AbortSignal): Promise<GatheredFacts> {
  const { dataset, build, surroundings } = context;
  const key = dataset.annotations.kind === "files" ? dataset.annotations.key : "";
  const roots = surroundings.roots ?? {};
  const cuts = await readRootCuts(roots, signal);
  const seen = new Set<string>();
  const read = new Map<string | null, boolean>();
  const unread = new Map<string | null, Failure>();
  for (const part of build.parts) {
    if (part.absent !== null || part.archive === "roots" || unread.has(part.subset)) continue;
    try {
      const plan = await context.records.readPlan(part);
      read.set(part.subset, (read.get(part.subset) ?? true) && plan !== null && plan.members !== null);
      if (plan === null) continue;
      const lines = [...(await readPartLines(context.records, part, signal)).values()];
      for await (const media of mediaOf(context, { subset: part.subset, lines, key }, signal))
        seen.add(`${part.subset ?? ""}\0${media}`);
    } catch (error) {
      unread.set(part.subset, failureOf(error, signal));
      read.set(part.subset, false);
    }
  }
  return {
    unread: [...unread].map(([subset, failure]) => ({ subset, failure })),
    partsOf: (subset) => partsOf(read, subset),
    isSeen: (subset, media) =>
      subset === null
        ? [...read.keys()].some((own) => seen.has(`${own ?? ""}\0${media}`))
        : seen.has(`${subset}\0${media}`) || seen.has(`\0${media}`),
    isLocal: (media) => findRootFile(roots, media, cuts) !== null,
  };
}

/** What was thrown where it is a Failure; anything else, and a stop, is thrown on. */
export function failureOf(error: unknown, signal: AbortSignal): Failure {
  signal.throwIfAborted();
  if (error instanceof Failure) return error;
  throw error;
}

/** Annotations of no subset speak of the parts of all. */
function partsOf(
  read: ReadonlyMap<string | null, boolean>,
  subset: string | null,
): "none" | "unread" | "read" {
  const states =
    subset === null ? [...read.values()] : [read.get(subset)].filter((state) => state !== undefined);
  if (states.length === 0) return "none";
  return states.every((isRead) => isRead) ? "read" : "unread";
}

/** What the records of a part's members call their media. */
async function* mediaOf(
  context: BuildContext,
  part: { readonly subset: string | null; readonly lines: readonly LedgerLine[]; readonly key: string },
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { subset, lines, key } = part;
  const index = await annotationIndexOf(context, subset, signal);
  for (let from = 0; index !== null && from < lines.length; from += lookupSize) {
    const queries = lines.slice(from, from + lookupSize).map(({ member }) => ({ subset, name: member }));
    for (const matched of await index.lookup(queries, signal)) {
      if (matched === "ambiguous") continue;
      for (const record of matched) {
        const media = mediaName(keyAt(record, key));
        if (media !== null) yield nameForm(media);
      }
    }
  }
}
