import { type ProvenanceRow, provenanceTable } from "@shardmill/catalogue";
import { Failure } from "@shardmill/core";
import { annotationIndexOf } from "../annotations/annotation-index.ts";
import { besideSets } from "../annotations/texts-beside.ts";
import type { BuildContext } from "../context/build-context.ts";
import { gatherMediaFacts } from "./media-facts.ts";

/** Where the media of every annotation record are, as far as the parts have been planned. Reads the annotations, if need be. */
export async function readProvenance(context: BuildContext, signal: AbortSignal): Promise<ProvenanceRow[]> {
  const { dataset, build } = context;
  if (dataset.annotations.kind !== "files")
    throw new Failure("wrong_use", `the records of ${dataset.name} lie in its parts, beside their media`, {
      where: { dataset: dataset.name },
    });
  const subsets = new Set(build.annotationFiles.map((file) => file.subset));
  const facts = await gatherMediaFacts(context, signal);
  for (const { failure } of facts.unread) throw failure;
  return provenanceTable(dataset, recordsOf(context, subsets, signal), facts);
}

async function* recordsOf(context: BuildContext, subsets: ReadonlySet<string | null>, signal: AbortSignal) {
  const done = new Set<string>();
  const beside = besideSets(context.dataset);
  for (const subset of subsets) {
    const index = await annotationIndexOf(context, subset, signal);
    // Files of the whole dataset and those of a subset may come to the same index.
    if (index === null || done.has(index.id)) continue;
    done.add(index.id);
    for await (const one of index.records(signal)) if (!beside.has(one.record.set)) yield one;
  }
}
