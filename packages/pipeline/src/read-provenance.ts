import { type MediaFacts, type ProvenanceRow, provenanceTable } from "@shardmill/catalogue";
import { Failure, type LedgerLine } from "@shardmill/core";
import { annotationIndexOf } from "./annotation-index.ts";
import type { BuildContext } from "./context.ts";
import { readPartLines } from "./part-lines.ts";

/** How many names are looked up in the annotations at once. */
const lookupSize = 5_000;

/** Where the media of every annotation record are, as far as the parts have been planned. Reads the annotations, if need be. */
export async function readProvenance(context: BuildContext, signal: AbortSignal): Promise<ProvenanceRow[]> {
  const { dataset, build } = context;
  if (dataset.annotations.kind !== "files")
    throw new Failure("wrong_use", `the records of ${dataset.name} lie in its parts, beside their media`, {
      where: { dataset: dataset.name },
    });
  const subsets = new Set(build.annotationFiles.map((file) => file.subset));
  const facts = await gatherFacts(context, dataset.annotations.key, signal);
  return provenanceTable(dataset, recordsOf(context, subsets, signal), facts);
}

async function* recordsOf(context: BuildContext, subsets: ReadonlySet<string | null>, signal: AbortSignal) {
  const done = new Set<string>();
  for (const subset of subsets) {
    const index = await annotationIndexOf(context, subset, signal);
    // Files of the whole dataset and those of a subset may come to the same index.
    if (index === null || done.has(index.id)) continue;
    done.add(index.id);
    yield* index.records(signal);
  }
}

async function gatherFacts(context: BuildContext, key: string, signal: AbortSignal): Promise<MediaFacts> {
  const seen = new Set<string>();
  const read = new Map<string | null, boolean>();
  for (const part of context.build.parts) {
    if (part.absent !== null) continue;
    const plan = await context.records.readPlan(part);
    read.set(part.subset, (read.get(part.subset) ?? true) && plan !== null && plan.members !== null);
    if (plan === null) continue;
    const lines = [...(await readPartLines(context.records, part, signal)).values()];
    for await (const media of mediaOf(context, part.subset, lines, key, signal))
      seen.add(`${part.subset ?? ""}\0${media}`);
  }
  return {
    partsOf: (subset) => {
      const isRead = read.get(subset);
      return isRead === undefined ? "none" : isRead ? "read" : "unread";
    },
    isSeen: (subset, media) => seen.has(`${subset ?? ""}\0${media}`) || seen.has(`\0${media}`),
    isLocal: () => false,
  };
}

/** What the records of a part's members call their media. */
async function* mediaOf(
  context: BuildContext,
  subset: string | null,
  lines: readonly LedgerLine[],
  key: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const index = await annotationIndexOf(context, subset, signal);
  for (let from = 0; index !== null && from < lines.length; from += lookupSize) {
    const queries = lines.slice(from, from + lookupSize).map(({ member }) => ({ subset, name: member }));
    for (const matched of await index.lookup(queries, signal)) {
      if (matched === "ambiguous") continue;
      for (const { fields } of matched) {
        const media = fields[key];
        if (typeof media === "string") yield media;
      }
    }
  }
}
